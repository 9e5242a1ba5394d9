package dev.sardonyx.test.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Network namespaces of Linux, each with an interface and an address of its own, joined by a bridge: as many machines as far as the
 * network can tell. Made by {@code ip} of iproute2, and taken away at the end.
 */
final class Namespaces implements AutoCloseable {
    private static final String NETWORK = "10.77.0.";
    private static final int FIRST = 10;

    private final String prefix = "sx" + ProcessHandle.current().pid() + "-";
    private final List<String> made = new ArrayList<>();

    private Namespaces() {
    }

    /** What this machine lacks for them; empty if nothing. */
    static String missing() throws InterruptedException {
        var namespaces = new Namespaces();
        try (namespaces) {
            namespaces.make("probe");
            return "";
        } catch (IOException e) {
            return "missing: the right to make network namespaces by 'ip netns' of iproute2 (" + e.getMessage() + ")";
        }
    }

    /** As many places as asked for. */
    static Namespaces of(int places) throws IOException, InterruptedException {
        var namespaces = new Namespaces();
        try {
            namespaces.make("hub");
            namespaces.ip("-n", namespaces.name("hub"), "link", "add", "bridge", "type", "bridge");
            namespaces.ip("-n", namespaces.name("hub"), "link", "set", "bridge", "up");
            for (int place = 0; place < places; place++) {
                namespaces.join(place);
            }
            return namespaces;
        } catch (IOException | InterruptedException e) {
            namespaces.close();
            throw e;
        }
    }

    private String name(Object place) {
        return prefix + place;
    }

    private void make(String place) throws IOException, InterruptedException {
        ip("netns", "add", name(place));
        made.add(name(place));
        ip("-n", name(place), "link", "set", "lo", "up");
    }

    private void join(int place) throws IOException, InterruptedException {
        make(String.valueOf(place));
        ip("link", "add", cable(place), "netns", name("hub"), "type", "veth", "peer", "name", "eth0", "netns", name(place));
        ip("-n", name("hub"), "link", "set", cable(place), "master", "bridge", "up");
        ip("-n", name(place), "address", "add", address(place) + "/24", "dev", "eth0");
        ip("-n", name(place), "link", "set", "eth0", "up");
    }

    private String cable(int place) {
        return "cable" + place;
    }

    String address(int place) {
        return NETWORK + (FIRST + place);
    }

    /** Runs another command at a place. */
    List<String> at(int place) {
        return List.of("ip", "netns", "exec", name(place));
    }

    /** Pulls a place's cable or puts it in again: frames vanish, nothing is reset. */
    void plug(int place, boolean in) throws IOException, InterruptedException {
        ip("-n", name("hub"), "link", "set", cable(place), in ? "up" : "down");
    }

    /** Cuts the link of two places, and no other, or mends it: what one sends to the other is dropped. */
    void link(int one, int other, boolean whole) throws IOException, InterruptedException {
        String act = whole ? "delete" : "add";
        ip("-n", name(one), "route", act, "blackhole", address(other) + "/32");
        ip("-n", name(other), "route", act, "blackhole", address(one) + "/32");
    }

    private void ip(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (String name : made) {
            try {
                ip("netns", "delete", name);
            } catch (IOException e) {
                // It goes with the machine.
            }
        }
        made.clear();
    }
}
