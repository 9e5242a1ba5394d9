package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.plan.PlanDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a stored model is: public, and bound to every chunk of its share file.
 *
 * @param name under which owners ask for it
 * @param version grows with every deployment of the name
 * @param planHash of the plan that its lanes run, in hexadecimal
 * @param party whose shares these are
 * @param deployed when
 * @param owner who deployed it
 * @param allowed clients that may query it; empty for all that may predict at all
 * @param inputs how files become its inputs, for the data owner's side: see {@link InputNotes}
 */
record Manifest(String name, long version, String planHash, int party, Instant deployed, String owner, List<String> allowed, String inputs) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** Says nothing of inputs. */
    Manifest(String name, long version, String planHash, int party, Instant deployed, String owner, List<String> allowed) {
        this(name, version, planHash, party, deployed, owner, allowed, "");
    }

    Manifest {
        allowed = List.copyOf(allowed);
        InputNotes.parse(inputs);
        checkName(name);
        if (version < 1 || !PlanDigest.isHex(planHash)) {
            throw new ServiceException(Kind.BAD_REQUEST, "model '" + name + "': malformed version or plan hash");
        }
        for (String client : allowed) {
            checkName(client);
        }
    }

    static void checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new ServiceException(Kind.BAD_REQUEST, "malformed name; expected 1 to 64 letters, digits, dots, dashes and underscores");
        }
    }

    String label() {
        return String.join("\n", "name=" + name, "version=" + version, "plan=" + planHash, "party=" + party, "deployed=" + deployed, "owner=" + owner,
                "allowed=" + String.join(",", allowed), "inputs=" + inputs);
    }

    /** @throws ServiceException where the text is no label */
    static Manifest parse(String label) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : label.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                fields.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        try {
            String allowed = fields.getOrDefault("allowed", "");
            return new Manifest(fields.getOrDefault("name", ""), Long.parseLong(fields.getOrDefault("version", "")), fields.getOrDefault("plan", ""),
                    Integer.parseInt(fields.getOrDefault("party", "")), Instant.parse(fields.getOrDefault("deployed", "")), fields.getOrDefault("owner", ""),
                    allowed.isEmpty() ? List.of() : Arrays.asList(allowed.split(",")),
                    fields.getOrDefault("inputs", ""));
        } catch (NumberFormatException | java.time.DateTimeException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "a share file without a readable manifest", e);
        }
    }

    boolean mayQuery(String client) {
        return allowed.isEmpty() || allowed.contains(client);
    }
}
