package dev.sardonyx.importer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/operators.md} as the registry has it. */
class SupportTableTest {
    @Test
    void theSupportTableInTheDocumentsIsFresh() throws IOException {
        Path page = Path.of(System.getProperty("sardonyx.root", ".."), "docs", "operators.md");
        if (Boolean.getBoolean("sardonyx.update")) {
            Files.writeString(page, SupportTable.markdown());
        }
        assertEquals(SupportTable.markdown(), Files.readString(page), "docs/operators.md is stale; run this test with -Dsardonyx.update=true");
    }
}
