package dev.sardonyx.cli.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Feeds a reader bytes that are almost right. Each case is decided by the seed and its number alone, so that one that failed comes
 * again with {@code -Dsardonyx.fuzz.case=N}; its bytes are kept in {@code target/fuzz}. How many cases there are is a matter of time:
 * {@code -Dsardonyx.fuzz.seconds} for each target, {@code -Dsardonyx.fuzz.seed} for other cases.
 *
 * <p>A case fails by an exception that is not documented, by more than {@value #MOST_CPU_SECONDS} seconds of the processor's time, by
 * standing still, or by allocating more than the bound stated for the target.
 */
public final class Fuzz {
    private static final double SECONDS = Double.parseDouble(System.getProperty("sardonyx.fuzz.seconds", "0.7"));
    private static final long SEED = Long.getLong("sardonyx.fuzz.seed", 20_261_121);
    private static final long ONLY = Long.getLong("sardonyx.fuzz.case", -1);
    private static final Path KEPT = Path.of("target", "fuzz");
    private static final int MOST_FAILURES = 10;
    private static final int MOST_CPU_SECONDS = 10;
    private static final long STANDSTILL_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What reads the bytes; throws what it documents. */
    @FunctionalInterface
    public interface Target {
        void feed(byte[] bytes) throws Exception;
    }

    private final String name;
    private final List<byte[]> samples = new ArrayList<>();
    private final List<byte[]> words = new ArrayList<>();
    private final List<Function<Random, byte[]>> grammars = new ArrayList<>();
    private List<Class<? extends Exception>> documented = List.of();
    private long base = 16L << 20;
    private long perByte = 64;
    /** What failed, one of a kind: the same fault is met by many cases. */
    private final Map<String, AssertionError> failures = new LinkedHashMap<>();
    private volatile long number;
    private volatile long began;

    private Fuzz(String name) {
        this.name = name;
    }

    /** @param name of the target, in messages */
    public static Fuzz of(String name) {
        return new Fuzz(name);
    }

    /** Valid bytes to begin with. */
    public Fuzz sample(byte[] bytes) {
        samples.add(bytes);
        return this;
    }

    /** Pieces of the format's grammar. */
    public Fuzz words(String... texts) {
        Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).forEach(words::add);
        return this;
    }

    /** Makes bytes that keep to the format's outer grammar and lie within it. */
    public Fuzz grammar(Function<Random, byte[]> made) {
        grammars.add(made);
        return this;
    }

    /** What the reader may throw. */
    @SafeVarargs
    @SuppressWarnings("varargs") // List.of copies them.
    public final Fuzz documented(Class<? extends Exception>... types) {
        documented = List.of(types);
        return this;
    }

    /** The most bytes that a case may allocate: so many, and so many for each byte that it is fed. */
    public Fuzz allocates(long atMost, long forEachByte) {
        base = atMost;
        perByte = forEachByte;
        return this;
    }

    /** Feeds the target until the time is over. @throws AssertionError naming the case that failed */
    public void run(Target target) throws InterruptedException {
        var failure = new Throwable[1];
        Thread worker = new Thread(null, () -> {
            try {
                cases(target);
            } catch (Throwable e) {
                failure[0] = e;
            }
        }, "fuzz " + name);
        began = System.nanoTime();
        worker.setDaemon(true);
        worker.start();
        while (!worker.join(LOOK)) {
            if (System.nanoTime() - began > STANDSTILL_NANOS) {
                var stands = new AssertionError(place(number) + " stands still");
                stands.setStackTrace(worker.getStackTrace());
                throw stands;
            }
        }
        if (failure[0] != null) {
            throw failure[0] instanceof AssertionError assertion ? assertion : new AssertionError(name, failure[0]);
        }
    }

    private void cases(Target target) {
        var mutator = new Mutator(samples, words);
        if (ONLY >= 0) {
            one(target, ONLY, bytes(mutator, ONLY));
            if (!failures.isEmpty()) {
                throw failed();
            }
            return;
        }
        for (byte[] sample : samples) {
            one(target, -1, sample.clone());
        }
        long end = System.nanoTime() + (long) (SECONDS * 1e9);
        long done = 0;
        for (; System.nanoTime() < end; done++) {
            one(target, done, bytes(mutator, done));
        }
        System.out.println("fuzz: " + name + ": " + done + " cases, seed " + SEED);
        if (!failures.isEmpty()) {
            throw failed();
        }
    }

    private byte[] bytes(Mutator mutator, long at) {
        // Neighbouring seeds give Random neighbouring first numbers; multiplying by an odd constant parts them.
        var random = new Random((SEED + at) * 0x9E3779B97F4A7C15L);
        int way = random.nextInt(2 + grammars.size());
        if (way < grammars.size()) {
            return grammars.get(way).apply(random);
        }
        return samples.isEmpty() ? grammars.getFirst().apply(random) : mutator.mutate(random);
    }

    private void one(Target target, long at, byte[] bytes) {
        number = at;
        Fed fed = feed(target, bytes.clone());
        long bound = base + perByte * bytes.length;
        if (fed.allocated > bound) {
            // What the first case of a kind allocates may be classes that are loaded for it, which no case pays for again.
            fed = feed(target, bytes.clone());
        }
        Throwable thrown = fed.thrown;
        if (thrown != null && !isDocumented(thrown)) {
            failed(bytes, "threw " + thrown, thrown);
        } else if (thrown != null && String.valueOf(thrown.getMessage()).isBlank()) {
            failed(bytes, "was refused without a word", thrown);
        } else if (fed.allocated > bound) {
            failed(bytes, "allocated " + fed.allocated + " bytes; allowed are " + bound, thrown);
        } else if (fed.seconds > MOST_CPU_SECONDS) {
            failed(bytes, "took " + fed.seconds + " s; allowed are " + MOST_CPU_SECONDS, thrown);
        }
    }

    /** How a case went. */
    private record Fed(long allocated, double seconds, @Nullable Throwable thrown) {
    }

    private Fed feed(Target target, byte[] bytes) {
        began = System.nanoTime();
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        Throwable thrown = null;
        try {
            target.feed(bytes);
        } catch (Throwable e) {
            thrown = e;
        }
        return new Fed(THREADS.getCurrentThreadAllocatedBytes() - allocated, (THREADS.getCurrentThreadCpuTime() - cpu) / 1e9, thrown);
    }

    private void failed(byte[] bytes, String what, @Nullable Throwable thrown) {
        String kind = what.split("[ :]")[0] + (thrown == null ? "" : thrown.getClass().getName() + Arrays.stream(thrown.getStackTrace()).limit(2).toList());
        if (!failures.containsKey(kind)) {
            failures.put(kind, new AssertionError(place(number, bytes) + " " + what, thrown));
        }
        if (failures.size() >= MOST_FAILURES) {
            throw failed();
        }
    }

    private AssertionError failed() {
        List<AssertionError> all = List.copyOf(failures.values());
        var failed = new AssertionError(all.size() + " kinds of failure: " + all.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")), all.getFirst());
        all.stream().skip(1).forEach(failed::addSuppressed);
        return failed;
    }

    private boolean isDocumented(@Nullable Throwable thrown) {
        return documented.stream().anyMatch(type -> type.isInstance(thrown));
    }

    private String place(long at) {
        return name + ", case " + at + ", seed " + SEED;
    }

    private String place(long at, byte[] bytes) {
        try {
            Files.createDirectories(KEPT);
            Path file = KEPT.resolve(name.replaceAll("\\W+", "-") + "-" + at);
            Files.write(file, bytes);
            return place(at) + " (" + bytes.length + " bytes, kept in " + file + ")";
        } catch (IOException e) {
            return place(at) + " (not kept: " + e + ")";
        }
    }
}
