package dev.sardonyx.secureops.plan;

import dev.sardonyx.graph.Indices;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * SHA-256 over a plan's canonical text. Parties compare the root before they start; where it differs, the digests of the single
 * lines give the difference a name.
 */
public final class PlanDigest {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    private PlanDigest() {
    }

    /** Digest of everything that parties must agree on. */
    public static byte[] root(Plan plan) {
        MessageDigest digest = sha256();
        digest.update(PlanText.header(plan).getBytes(StandardCharsets.UTF_8));
        for (Step step : plan.steps()) {
            digest.update(PlanText.line(plan, step).getBytes(StandardCharsets.UTF_8));
        }
        digest.update(PlanText.footer(plan).getBytes(StandardCharsets.UTF_8));
        return digest.digest();
    }

    /** One digest for each step, in order, with all that is agreed on its outputs. */
    public static List<byte[]> steps(Plan plan) {
        MessageDigest digest = sha256();
        return plan.steps().stream().map(step -> digest.digest(PlanText.line(plan, step).getBytes(StandardCharsets.UTF_8))).toList();
    }

    /** The root digest as lower-case hexadecimal. */
    public static String hex(Plan plan) {
        return HexFormat.of().formatHex(root(plan));
    }

    /**
     * Whether a text is a root digest in the form of {@link #hex(Plan)}, whole: who makes plans can make two that begin alike.
     */
    public static boolean isHex(String text) {
        return HEX.matcher(text).matches();
    }

    /** Digest of indices, each as four bytes, the highest first. */
    static String hex(Indices indices) {
        var bytes = ByteBuffer.allocate(Integer.BYTES * indices.length());
        bytes.asIntBuffer().put(indices.toArray());
        return HexFormat.of().formatHex(sha256().digest(bytes.array()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
