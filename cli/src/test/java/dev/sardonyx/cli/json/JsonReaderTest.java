package dev.sardonyx.cli.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    private static final long SEED = 20;

    private static JsonReader of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new JsonReader(bytes, bytes.length);
    }

    private static void whole(JsonReader json) {
        json.skip();
        json.end();
    }

    @Test
    void everyKindOfValueIsReadAndCanBeComeBackTo() {
        JsonReader json = of(" { \"a\" : [ 1 , -2.5e3 , 1e400 ] , \"b\\u0041\\n\\\"é\" : true, \"c\": null, \"d\": {}, \"e\": [] } ");
        List<String> names = new ArrayList<>();
        int[] place = new int[1];
        json.object(name -> {
            names.add(name);
            if (name.equals("a")) {
                place[0] = json.place();
            }
            json.skip();
        });
        json.end();
        assertEquals(List.of("a", "bA\n\"é", "c", "d", "e"), names);
        List<Double> numbers = new ArrayList<>();
        JsonReader again = json.at(place[0]);
        again.array(() -> numbers.add(again.real()));
        assertEquals(List.of(1.0, -2500.0, Double.POSITIVE_INFINITY), numbers);
    }

    @Test
    void wholeNumbersOf64BitsAreExact() {
        assertEquals(Long.MIN_VALUE, of("-9223372036854775808").whole(false));
        assertEquals(-1, of("18446744073709551615").whole(true));
        assertThrows(JsonException.class, () -> of("9223372036854775808").whole(false));
        assertThrows(JsonException.class, () -> of("-1").whole(true));
        assertThrows(JsonException.class, () -> of("1.0").whole(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[", "[1", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "01", "-", "1.", ".5", "1e", "+1", "tru",
            "nul", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\tb\"", "[1 2]", "{} {}", "NaN", "Infinity", "'a'", "[1]x", "\u0000"})
    void whatIsNoJsonIsRefusedWithItsPlace(String text) {
        JsonException told = assertThrows(JsonException.class, () -> whole(of(text)));
        assertTrue(String.valueOf(told.getMessage()).startsWith("at byte "), told.getMessage());
    }

    @Test
    void errorsTellPlacesAndNothingThatStandsThere() {
        assertPlace(8, of("{\"a\": [secret]}"), "secret");
        assertPlace(9, of("{\"a\": 1, \"secret\" 4711}"), "secret", "4711");
        assertPlace(0, of("4711secret"), "secret", "4711");
        JsonReader wrong = of("[\"secret\"]");
        JsonException told = assertThrows(JsonException.class, () -> wrong.array(wrong::real));
        assertEquals("at byte 1: expected a number", told.getMessage());
    }

    private static void assertPlace(int from, JsonReader json, String... secrets) {
        String told = String.valueOf(assertThrows(JsonException.class, () -> whole(json)).getMessage());
        int place = Integer.parseInt(told.substring("at byte ".length(), told.indexOf(':')));
        assertTrue(place >= from && place <= from + 16, told);
        for (String secret : secrets) {
            assertFalse(told.contains(secret), told);
        }
    }

    @Test
    void aTextInAnotherEncodingIsRefused() {
        for (Charset other : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16, StandardCharsets.UTF_32BE)) {
            byte[] bytes = "{\"a\": [1, 2]}".getBytes(other);
            JsonException told = assertThrows(JsonException.class, () -> whole(new JsonReader(bytes, bytes.length)));
            assertEquals("at byte 0: expected UTF-8", told.getMessage(), other::name);
        }
        byte[] torn = {'"', (byte) 0xC3, '"'};
        assertThrows(JsonException.class, () -> whole(new JsonReader(torn, torn.length)));
    }

    @Test
    void nestingLengthAndNamesAreBounded() {
        whole(of("[".repeat(32) + "]".repeat(32)));
        assertThrows(JsonException.class, () -> whole(of("[".repeat(33) + "]".repeat(33))));
        assertThrows(JsonException.class, () -> whole(of("[".repeat(1_000_000))));
        assertThrows(JsonException.class, () -> whole(of("\"" + "a".repeat(70_000) + "\"")));
        assertThrows(JsonException.class, () -> whole(of("1".repeat(401))));
    }

    @Test
    void randomBytesAndCutTextsEndInAnErrorOrAValue() {
        var random = new Random(SEED);
        byte[] good = "{\"id\":\"x\\u00e9\",\"inputs\":[{\"name\":\"image\",\"shape\":[1,2],\"data\":[[0.5,-1e-3]]}],\"t\":true}".getBytes(StandardCharsets.UTF_8);
        for (int trial = 0; trial < 20_000; trial++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int change = random.nextInt(4); change > 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                whole(new JsonReader(bytes, bytes.length));
            } catch (JsonException told) {
                assertFalse(String.valueOf(told.getMessage()).isEmpty(), "trial " + trial + ", seed " + SEED);
            }
        }
    }

    @Test
    void linesReadBackAsTheyWereWritten() {
        String odd = "a\"\\\n\r\t\u0001\u2028\ud800é\ud83d\ude00";
        var line = new JsonLine();
        line.object(() -> {
            line.name("text").value(odd);
            line.name("numbers").array(() -> line.value(1L).value(0.1).value(0.1f).value(Double.NaN).unsigned(-1).value(true));
            line.name("empty").object(() -> { });
        });
        assertEquals(1, line.toString().lines().count());
        assertTrue(line.toString().endsWith("\"numbers\":[1,0.1,0.1,null,18446744073709551615,true],\"empty\":{}}"), line.toString());
        JsonReader json = new JsonReader(line.bytes(), line.bytes().length);
        json.object(name -> {
            if (name.equals("text")) {
                assertEquals(odd, json.text());
            } else {
                json.skip();
            }
        });
    }
}
