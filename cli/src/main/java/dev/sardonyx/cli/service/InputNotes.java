package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.reference.files.Pixels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a model's metadata say of pixels, as one short public text: {@code scale=1/255;mean=0.5}. */
final class InputNotes {
    private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9=;/,.+ -]{0,1024}");

    private InputNotes() {
    }

    /** The text of those of a model's {@code metadata_props} that concern its inputs. */
    static String of(Map<String, String> metadata) {
        var parts = new TreeMap<String, String>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(Pixels.METADATA_PREFIX)) {
                parts.put(key.substring(Pixels.METADATA_PREFIX.length()), value.strip());
            }
        });
        String text = String.join(";", parts.entrySet().stream().map(part -> part.getKey() + "=" + part.getValue()).toList());
        parse(text);
        return text;
    }

    /** The metadata of a text. @throws ServiceException where it is none */
    static Map<String, String> parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new ServiceException(Kind.BAD_REQUEST, "malformed notes on a model's inputs; expected at most 1024 letters, digits and signs");
        }
        var metadata = new LinkedHashMap<String, String>();
        for (String part : text.split(";")) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                metadata.put(Pixels.METADATA_PREFIX + part.substring(0, equals), part.substring(equals + 1));
            }
        }
        return metadata;
    }
}
