package dev.sardonyx.secureops.planner;

/**
 * The links that a plan is made for.
 *
 * @param name for people
 * @param oneWaySeconds time a message travels
 * @param bytesPerSecond what a party can send
 */
public record NetworkProfile(String name, double oneWaySeconds, double bytesPerSecond) {
    /** 0.2 ms round trip, 10 Gbit/s. */
    public static final NetworkProfile LAN = new NetworkProfile("lan", 0.1e-3, 1.25e9);
    /** 40 ms round trip, 100 Mbit/s. */
    public static final NetworkProfile WAN = new NetworkProfile("wan", 20e-3, 12.5e6);

    /** Seconds that messages take, computing aside. */
    public double seconds(int rounds, double bytes) {
        return rounds * oneWaySeconds + bytes / bytesPerSecond;
    }
}
