package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A mapping of a YAML file, read strictly: whoever reads it first says which keys there are, and {@link #only} refuses all others. Errors name the file and the key. YAML 1.2 with its JSON schema, by SnakeYAML Engine: it makes plain lists, maps, texts and numbers
 * and nothing else, and bounds aliases, nesting and size.
 */
final class Settings {
    private static final int LONGEST_FILE = 1 << 18;
    private static final int DEEPEST = 8;
    private static final int WIDEST_INDENT = 64;

    private final Path file;
    private final String place;
    private final Map<?, ?> entries;
    private Set<String> known = Set.of();

    private Settings(Path file, String place, Map<?, ?> entries) {
        this.file = file;
        this.place = place;
        this.entries = entries;
    }

    /** @throws ServiceException where the file cannot be read or is no YAML mapping */
    static Settings read(Path file) {
        try {
            if (Files.size(file) > LONGEST_FILE) {
                throw new ServiceException(Kind.BAD_REQUEST, file + " is longer than " + LONGEST_FILE + " bytes; not a configuration");
            }
            return parse(file, Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, FileTrouble.reading(e, file), e);
        }
    }

    /** As {@link #read}, from memory. */
    static Settings parse(Path file, String text) {
        LoadSettings settings = LoadSettings.builder().setAllowDuplicateKeys(false).setCodePointLimit(LONGEST_FILE).setMaxAliasesForCollections(0)
                .setAllowRecursiveKeys(false).setLabel(file.toString()).build();
        Object document;
        try {
            checkDepth(file, text);
            document = new Load(settings).loadFromString(text);
        } catch (YamlEngineException e) {
            throw new ServiceException(Kind.BAD_REQUEST, file + " is not YAML: " + e.getMessage(), e);
        }
        if (!(document instanceof Map<?, ?> map)) {
            throw new ServiceException(Kind.BAD_REQUEST, file + " holds no mapping of keys to values");
        }
        return new Settings(file, "", map);
    }

    /** Nesting takes the parser's stack, so brackets and indents (with the marks that nest in them) are bounded before it sees them. */
    private static void checkDepth(Path file, String text) {
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            int indent = c == '\n' ? indent(text, i + 1) : i == 0 ? indent(text, 0) : 0;
            if (depth > DEEPEST || indent > WIDEST_INDENT) {
                throw new ServiceException(Kind.BAD_REQUEST, file + " nests more than " + DEEPEST + " levels");
            }
        }
    }

    private static int indent(String text, int from) {
        int at = from;
        while (at < text.length() && " -?:\t".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at - from;
    }

    ServiceException wrong(String key, String what) {
        return new ServiceException(Kind.BAD_REQUEST, file + ": " + place + key + " " + what);
    }

    /** Refuses keys other than these, before any is missed: where one is misspelt, its own name says more than that the right one is missing. */
    Settings only(String... keys) {
        known = Set.of(keys);
        for (Object key : entries.keySet()) {
            if (!(key instanceof String text) || !known.contains(text)) {
                throw wrong(String.valueOf(key), "is unknown; known here: " + known.stream().sorted().toList());
            }
        }
        return this;
    }

    /** Whether there is something under a key. */
    boolean has(String key) {
        return entries.containsKey(key);
    }

    private @Nullable Object get(String key) {
        if (!known.contains(key)) {
            throw new IllegalStateException(key + " is read, but not among the known keys");
        }
        return entries.get(key);
    }

    Optional<String> optionalText(String key) {
        return switch (get(key)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            default -> throw wrong(key, "is no text");
        };
    }

    String text(String key) {
        return optionalText(key).orElseThrow(() -> wrong(key, "is missing"));
    }

    /** A file or directory; relative ones stand beside this file. */
    Path path(String key) {
        return file.toAbsolutePath().getParent().resolve(text(key)).normalize();
    }

    long number(String key, long otherwise, long least, long most) {
        return switch (get(key)) {
            case null -> otherwise;
            case Integer number when number >= least && number <= most -> number;
            case Long number when number >= least && number <= most -> number;
            default -> throw wrong(key, "is not a whole number from " + least + " to " + most);
        };
    }

    List<String> texts(String key) {
        var texts = new ArrayList<String>();
        for (Object item : list(key)) {
            if (!(item instanceof String text)) {
                throw wrong(key, "holds something that is no text");
            }
            texts.add(text);
        }
        return texts;
    }

    private List<?> list(String key) {
        return switch (get(key)) {
            case null -> List.of();
            case List<?> list -> list;
            default -> throw wrong(key, "is no list");
        };
    }

    List<Settings> sections(String key) {
        var sections = new ArrayList<Settings>();
        for (Object item : list(key)) {
            if (!(item instanceof Map<?, ?> map)) {
                throw wrong(key, "holds something that is no mapping");
            }
            sections.add(new Settings(file, place + key + "[" + sections.size() + "].", map));
        }
        return sections;
    }

    Settings section(String key) {
        return switch (get(key)) {
            case null -> new Settings(file, place + key + ".", Map.of());
            case Map<?, ?> map -> new Settings(file, place + key + ".", map);
            default -> throw wrong(key, "is no mapping");
        };
    }
}
