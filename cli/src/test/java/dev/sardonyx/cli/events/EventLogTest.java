package dev.sardonyx.cli.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.cli.json.JsonReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final Path SOURCES = Path.of(System.getProperty("sardonyx.root", "..")).resolve("cli/src/main/java");
    private static final Pattern CALL = Pattern.compile("(?:log|events)\\.event\\((.*?)\\);", Pattern.DOTALL);
    private static final Pattern TEXT = Pattern.compile("\"([^\"]*)\"");

    private static String lines(LogFormat format, String event, Object... namesAndValues) {
        var bytes = new ByteArrayOutputStream();
        new EventLog(new PrintStream(bytes, true, StandardCharsets.UTF_8), format, "party", "1").event(event, namesAndValues);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Map<String, String> parsed(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        var json = new JsonReader(bytes, bytes.length);
        Map<String, String> fields = new LinkedHashMap<>();
        json.object(name -> fields.put(name, json.next() == JsonReader.Kind.NUMBER ? String.valueOf(json.whole(false)) : json.text()));
        json.end();
        return fields;
    }

    @Test
    void bothFormatsTellTheSameInOneLine() {
        Object[] fields = {"client", "data-owner", "id", "0f", "millis", 12L, "reason", "a \"quoted\"\nand broken\u0007 sentence"};
        String text = lines(LogFormat.TEXT, "request", fields);
        assertTrue(text.endsWith(" party=1 event=request client=data-owner id=0f millis=12 reason=\"a \\\"quoted\\\" and broken? sentence\"" + System.lineSeparator()), text);
        String json = lines(LogFormat.JSON, "request", fields);
        assertEquals(1, json.lines().count());
        Map<String, String> read = parsed(json);
        assertTrue(read.remove("time") != null);
        assertEquals(Map.of("party", "1", "event", "request", "client", "data-owner", "id", "0f", "millis", "12", "reason", "a \"quoted\"\nand broken\u0007 sentence"), read);
    }

    @Test
    void whatMovesACursorOrTurnsTheDirectionIsNotWritten() {
        String text = lines(LogFormat.TEXT, "not-linked", "reason", "a\u001b[2Jb\u009b31mc\u202ed\u2066e\u2028f\ud800g");
        assertTrue(text.contains("reason=\"a?[2Jb?31mc?d?e f?g\""), text);
    }

    @Test
    void whatPeopleWriteIsLeftAsItIs() {
        assertEquals("Größe ≤ 3, 模型 \ud83d\ude00", PlainText.of("Größe ≤ 3, 模型 \ud83d\ude00"));
    }

    @Test
    void aNameThatNobodyThoughtAboutIsWrittenWithoutItsValue() {
        for (LogFormat format : LogFormat.values()) {
            String line = lines(format, "request", "weights", "0.123456", "model", "mlp");
            assertFalse(line.contains("0.123456"), line);
            assertTrue(line.contains("withheld") && line.contains("mlp"), line);
        }
    }

    @Test
    void aLongTextIsCut() {
        String line = lines(LogFormat.JSON, "request", "model", "m".repeat(100_000));
        assertTrue(line.length() < 1000, () -> line.length() + " characters");
    }

    /** A call with a name that is not on the list would tell "withheld" in place of something useful. */
    @Test
    void everyNameThatIsLoggedIsOnTheList() throws IOException {
        var unknown = new TreeSet<String>();
        int calls = 0;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                Matcher call = CALL.matcher(Files.readString(file));
                while (call.find()) {
                    calls++;
                    for (String argument : names(call.group(1))) {
                        Matcher text = TEXT.matcher(argument);
                        if (text.matches() && EventField.named(text.group(1)).isEmpty()) {
                            unknown.add(file.getFileName() + ": " + text.group(1));
                        }
                    }
                }
            }
        }
        assertTrue(calls > 10, () -> "found no calls under " + SOURCES);
        assertEquals(new TreeSet<>(), unknown);
    }

    /** The names in a call: behind the event, every second argument. */
    private static List<String> names(String arguments) {
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        for (char c : arguments.toCharArray()) {
            quoted ^= c == '"';
            depth += quoted ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0 && !quoted) {
                parts.add(part.toString().strip());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString().strip());
        var names = new ArrayList<String>();
        for (int i = 0; i < parts.size(); i++) {
            if (i % 2 == 1) {
                names.add(parts.get(i));
            }
        }
        return names;
    }
}
