package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code gateway} refuses before it listens. */
class GatewayCommandTest {
    @TempDir
    Path folder;

    private record Ended(int status, String err) {
    }

    private Ended gateway(String... arguments) {
        var err = new ByteArrayOutputStream();
        List<String> line = new ArrayList<>(List.of("gateway", "--to", folder.resolve("cluster.yaml").toString()));
        line.addAll(Arrays.asList(arguments));
        int status = Main.run(line, Terminal.of(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), new PrintStream(err, true,
                StandardCharsets.UTF_8)));
        return new Ended(status, err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void anAddressThatOthersReachWantsToBeCalledInsecure() {
        Ended ended = gateway("--host", "0.0.0.0");
        assertEquals(ExitCode.BAD_INPUT.status(), ended.status);
        assertTrue(ended.err.contains("--insecure-plaintext-http"), ended.err);
    }

    @Test
    void optionsOutOfRangeAreNamed() {
        for (String[] wrong : new String[][] {{"--port", "70000"}, {"--concurrency", "0"}, {"--max-request-mib", "0"}, {"--metrics", "nowhere"}, {"--metrics", "127.0.0.1:x"},
                {"--log-format", "xml"}, {"--plan-hash", "0123456789"}, {"--plan-hash", "01", "--model", "m"}}) {
            Ended ended = gateway(wrong);
            assertEquals(ExitCode.BAD_INPUT.status(), ended.status, ended.err);
            assertTrue(ended.err.contains(wrong[0]), ended.err);
        }
    }

    @Test
    void aClusterWithoutAFileIsNamed() {
        Ended ended = gateway("--port", "0");
        assertEquals(ExitCode.BAD_INPUT.status(), ended.status);
        assertTrue(ended.err.contains("cluster.yaml"), ended.err);
    }
}
