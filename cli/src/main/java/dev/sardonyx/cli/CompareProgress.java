package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.AccuracyTally;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.reference.report.OutputTally;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a comparison has come and what it found so far; small however many samples there are, and kept in a file where the
 * comparison is to be resumed. The file holds scores of some samples, so only its owner should read it.
 */
final class CompareProgress {
    private static final String MAGIC = "sardonyx compare 1";

    private final String identity;
    private int done;
    private AccuracyTally tally;
    private OutputTally outputs = new OutputTally();
    private Spent spent = new Spent();

    private CompareProgress(String identity, Tolerance tolerance) {
        this.identity = identity;
        this.tally = new AccuracyTally(tolerance);
    }

    static CompareProgress start(String identity, Tolerance tolerance) {
        return new CompareProgress(identity, tolerance);
    }

    /**
     * Goes on where a file says, or starts if there is none.
     *
     * @throws InputException if the file is of another comparison, or none at all
     */
    static CompareProgress resume(Path file, String identity, Tolerance tolerance) {
        var progress = new CompareProgress(identity, tolerance);
        if (!Files.exists(file)) {
            return progress;
        }
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (!in.readUTF().equals(MAGIC)) {
                throw new InputException(InputException.Kind.MALFORMED, "--resume " + file + ": not written by compare");
            }
            if (!in.readUTF().equals(identity)) {
                throw new InputException(InputException.Kind.MALFORMED, "--resume " + file
                        + ": of another comparison (model, plan, data or tolerance differ); remove the file to start anew");
            }
            progress.done = in.readInt();
            progress.tally = AccuracyTally.read(in, tolerance);
            progress.outputs = OutputTally.read(in);
            progress.spent = Spent.read(in);
            return progress;
        } catch (IOException e) {
            throw new InputException(InputException.Kind.MALFORMED, "--resume " + file + ": cut short or not written by compare");
        }
    }

    /** Writes the file anew; a process that dies meanwhile leaves the old one. */
    void save(Path file) {
        Path absolute = file.toAbsolutePath();
        Path beside = absolute.resolveSibling(absolute.getFileName() + ".part");
        try {
            try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(beside)))) {
                out.writeUTF(MAGIC);
                out.writeUTF(identity);
                out.writeInt(done);
                tally.write(out);
                outputs.write(out);
                spent.write(out);
            }
            Files.move(beside, absolute, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new InputException(InputException.Kind.UNREADABLE, "--resume " + file + ": cannot be written: " + e.getMessage());
        }
    }

    /** What must be equal for two runs to be parts of one comparison. */
    static String identity(Path model, Compiled compiled, Map<String, Tensor> firstInputs, Tolerance tolerance) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(Files.readAllBytes(model));
            digest.update((compiled.planHash() + " " + compiled.plans().lanes().size() + " " + tolerance).getBytes(StandardCharsets.UTF_8));
            new TreeMap<>(firstInputs).forEach((name, tensor) -> {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                var bytes = new ByteArrayOutputStream();
                for (double value : tensor.toDoubles()) {
                    bytes.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(value).array());
                }
                digest.update(bytes.toByteArray());
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new InputException(InputException.Kind.UNREADABLE, model + ": " + e.getMessage());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    void advance(int to) {
        done = to;
    }

    /** Samples done so far. */
    int done() {
        return done;
    }

    AccuracyTally tally() {
        return tally;
    }

    OutputTally outputs() {
        return outputs;
    }

    Spent spent() {
        return spent;
    }
}
