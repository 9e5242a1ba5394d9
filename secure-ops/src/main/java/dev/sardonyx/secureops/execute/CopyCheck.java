package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.ring.WirePacking;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Endpoint;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether an owner gave the parties equal copies of what they hold in common. For every component that two parties both hold, each
 * sends the other SHA-256 over the request's number and that component of all values, and nothing of components that the other lacks:
 * the other learns what it holds. Public values count as a component that everybody holds. One round, 32 bytes a component.
 */
final class CopyCheck {
    private static final int DIGEST = 32;
    private static final int PUBLIC = -1;
    private static final int BLOCK = 1 << 12;

    private final Protocol protocol;
    private final Endpoint endpoint;
    private final Tag tag;
    private final Duration patience;

    /** @param tag of the messages, used for nothing else */
    CopyCheck(Protocol protocol, Endpoint endpoint, Tag tag, Duration patience) {
        this.protocol = protocol;
        this.endpoint = endpoint;
        this.tag = tag;
        this.patience = patience;
    }

    /**
     * Compares.
     *
     * @param what the values are, for errors
     * @param values in the same order at all parties
     * @throws RunException of kind REFUSED naming the parties whose copies differ
     */
    void require(String what, Collection<PartyValue> values) {
        List<Integer> held = protocol.components(endpoint.party());
        var digests = new TreeMap<Integer, byte[]>();
        digests.put(PUBLIC, digest(values, PUBLIC, PUBLIC));
        for (int place = 0; place < held.size(); place++) {
            digests.put(held.get(place), digest(values, place, held.get(place)));
        }
        for (int peer = 0; peer < endpoint.parties(); peer++) {
            if (peer != endpoint.party()) {
                endpoint.send(peer, tag, Phase.ONLINE, 0, common(digests, peer));
            }
        }
        for (int peer = 0; peer < endpoint.parties(); peer++) {
            if (peer != endpoint.party() && !MessageDigest.isEqual(common(digests, peer), endpoint.receive(peer, tag, Deadline.in(patience)).payload())) {
                throw new RunException(RunException.Kind.REFUSED, "parties " + Math.min(peer, endpoint.party()) + " and "
                        + Math.max(peer, endpoint.party()) + " were given different copies of the " + what);
            }
        }
    }

    private byte[] common(Map<Integer, byte[]> digests, int peer) {
        List<Integer> theirs = protocol.components(peer);
        var bytes = ByteBuffer.allocate(digests.size() * DIGEST);
        digests.forEach((component, digest) -> {
            if (component == PUBLIC || theirs.contains(component)) {
                bytes.put(digest);
            }
        });
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private byte[] digest(Collection<PartyValue> values, int place, int component) {
        MessageDigest digest = sha256();
        digest.update(ByteBuffer.allocate(2 * Integer.BYTES).putInt(tag.request()).putInt(component).array());
        byte[] block = new byte[BLOCK * Long.BYTES];
        for (PartyValue value : values) {
            boolean shared = value instanceof Numbers || value instanceof Bits || value instanceof PartyValue.Kept;
            if (shared == (place == PUBLIC)) {
                continue;
            }
            long[] words = ShareBytes.arrays(value)[shared ? place : 0];
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(words.length).array());
            for (int from = 0; from < words.length; from += BLOCK) {
                int count = Math.min(BLOCK, words.length - from);
                WirePacking.packBytes(words, from, count, Long.BYTES, block, 0);
                digest.update(block, 0, count * Long.BYTES);
            }
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
