package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void documentsAreIndentedAndEscaped() {
        var json = new Json();
        json.object(() -> {
            json.name("text").value("a \"quoted\"\\\n\u0001 line");
            json.name("empty").array(() -> {
            });
            json.name("numbers").numbers(new double[]{1, -0.5, Double.NaN});
            json.name("nested").array(() -> {
                json.value(7);
                json.object(() -> json.name("absent").value(OptionalDouble.empty()));
            });
            json.name("true").value(true);
        });
        assertEquals("""
                {
                  "text": "a \\"quoted\\"\\\\\\n\\u0001 line",
                  "empty": [],
                  "numbers": [1.0, -0.5, null],
                  "nested": [
                    7,
                    {
                      "absent": null
                    }
                  ],
                  "true": true
                }
                """, json.toString());
    }

    @Test
    void everyDoubleSurvives() {
        for (double value : new double[]{Double.MIN_VALUE, Math.PI, 1e300, 1e15, -123456789012345.0, 1e-7}) {
            var json = new Json();
            json.value(value);
            assertEquals(value, Double.parseDouble(json.toString().strip()));
        }
    }
}
