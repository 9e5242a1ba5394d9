package dev.sardonyx.transport;

/**
 * Where a message belongs: unique per (sender, receiver) within a session. Links match messages to receivers by tag alone, so
 * messages may be sent and received in any order.
 *
 * @param request  the request the message serves; never reused within a session
 * @param lane     which of the request's concurrent strands
 * @param step     the plan's step
 * @param sequence counts the messages of a step
 */
public record Tag(int request, int lane, int step, int sequence) {

    /** Mixes all four fields: steps and sequences are small and dense, and the usual factor 31 would make them collide. */
    @Override
    public int hashCode() {
        long h = (request * 0x9E3779B97F4A7C15L) ^ (lane * 0xC2B2AE3D27D4EB4FL) ^ (((long) step << 32) | (sequence & 0xFFFFFFFFL));
        h *= 0xFF51AFD7ED558CCDL;
        return (int) (h ^ (h >>> 32));
    }

    @Override
    public String toString() {
        return "request " + request + ", lane " + lane + ", step " + step + ", sequence " + sequence;
    }
}
