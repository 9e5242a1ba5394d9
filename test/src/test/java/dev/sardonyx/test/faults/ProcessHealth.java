package dev.sardonyx.test.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process of ours holds, as Linux and its Java tell. A leak of connections shows in its sockets, one of platform threads in its
 * threads, one of virtual threads, buffers or requests in its live heap, which is counted after a full collection.
 *
 * @param sockets open sockets
 * @param threads platform threads
 * @param liveHeap bytes of reachable objects
 * @param resident bytes of memory in use, as the system counts them
 */
record ProcessHealth(int sockets, int threads, long liveHeap, long resident) {
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
    private static final int MOST_TRIES = 3;
    private static final Pattern STATUS = Pattern.compile("(Threads|VmRSS):\\s+(\\d+)");

    /** Whether this system tells: Linux's {@code /proc}, and {@code jcmd} beside our Java. */
    static boolean isTold() {
        return Files.isReadable(Path.of("/proc/self/status")) && Files.isExecutable(jcmd());
    }

    private static Path jcmd() {
        return Path.of(System.getProperty("java.home"), "bin", "jcmd");
    }

    /** Asks a process; takes a full collection. */
    static ProcessHealth of(Process process) throws IOException, InterruptedException {
        long heap = liveHeap(process.pid());
        Path proc = Path.of("/proc", String.valueOf(process.pid()));
        int threads = 0;
        long resident = 0;
        Matcher found = STATUS.matcher(Files.readString(proc.resolve("status")));
        while (found.find()) {
            if (found.group(1).equals("Threads")) {
                threads = Integer.parseInt(found.group(2));
            } else {
                resident = 1024 * Long.parseLong(found.group(2));
            }
        }
        return new ProcessHealth(sockets(process), threads, heap, resident);
    }

    /** Open sockets of a process. */
    static int sockets(Process process) throws IOException {
        int sockets = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc", String.valueOf(process.pid()), "fd"))) {
            for (Path file : files) {
                try {
                    sockets += Files.readSymbolicLink(file).toString().startsWith("socket:") ? 1 : 0;
                } catch (IOException closed) {
                    // It was closed between the two looks.
                }
            }
        }
        return sockets;
    }

    private static String histogram(long pid) throws IOException, InterruptedException {
        Process asked = new ProcessBuilder(List.of(jcmd().toString(), String.valueOf(pid), "GC.class_histogram")).redirectErrorStream(true).start();
        String text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        asked.waitFor();
        return text;
    }

    private static long liveHeap(long pid) throws IOException, InterruptedException {
        String text = histogram(pid);
        Matcher found = TOTAL.matcher(text);
        for (int tries = 1; !found.find(); tries++) {
            // A busy process may not answer the one that asks in the time that it is given.
            if (tries == MOST_TRIES) {
                throw new IOException("jcmd tells no histogram of process " + pid + ": " + text.lines().limit(3).toList());
            }
            text = histogram(pid);
            found = TOTAL.matcher(text);
        }
        long total;
        do {
            total = Long.parseLong(found.group(1));
        } while (found.find());
        return total;
    }

    @Override
    public String toString() {
        return "%d sockets, %d threads, %.1f MiB live, %.0f MiB resident".formatted(sockets, threads, liveHeap / 0x1p20, resident / 0x1p20);
    }
}
