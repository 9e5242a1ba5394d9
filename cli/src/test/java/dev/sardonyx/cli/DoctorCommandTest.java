package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.LocalCluster;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code doctor} prints of a cluster of which nobody is there. */
class DoctorCommandTest {
    private static String printed(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = Main.run(List.of(arguments), Terminal.of(new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8)));
        assertEquals(4, status, err.toString(StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aFindingsStatusStandsInItsColumnAlone() {
        try (LocalCluster nobody = LocalCluster.prepare(Protocol.REPLICATED_3, List.of())) {
            for (List<String> form : List.of(List.<String>of(), List.of("--json"))) {
                List<String> arguments = new ArrayList<>(List.of("doctor", "--to", nobody.clusterFile().toString()));
                arguments.addAll(form);
                String text = printed(arguments.toArray(String[]::new));
                assertTrue(text.contains("127.0.0.1 is 127.0.0.1") && text.contains("attention") && text.contains("Connection refused"), text);
                assertFalse(text.contains("ok: ") || text.contains("failed: "), text);
            }
        }
    }
}
