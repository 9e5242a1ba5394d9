package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.transport.TransportException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A peer with a good certificate that speaks nonsense: its link ends with a clear error, and nothing else does. */
class HostilePeerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAX_PAYLOAD = 1000;
    private static final Tag TAG = new Tag(1, 0, 0, 0);

    private final List<TlsPort> ports = new ArrayList<>();
    private FutureTask<TlsEndpoint> joining = new FutureTask<>(() -> null);

    @BeforeEach
    void open() {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        for (int party = 0; party < 2; party++) {
            TlsOptions options = TlsOptions.DEFAULT.withMaxPayloadBytes(MAX_PAYLOAD);
            ports.add(TlsPort.bind(new TlsParty(party, identities.get(party), TlsCluster.certificates(identities), options),
                    TlsCluster.anyPort()));
        }
        joining = new FutureTask<>(() -> ports.get(0).join("s", TlsCluster.addresses(ports), Deadline.in(PATIENCE)));
        Thread.startVirtualThread(joining);
    }

    @AfterEach
    void close() {
        ports.forEach(TlsPort::close);
    }

    /** Greets until the victim has joined. */
    private RawPeer linked() throws Exception {
        while (true) {
            RawPeer peer = RawPeer.connect(ports.get(1), ports.get(0).address());
            peer.hello(2, "s");
            if (peer.awaitFrame(PATIENCE).type() == Frame.Type.WELCOME) {
                return peer;
            }
            peer.close();
        }
    }

    private TransportException whatTheVictimIsTold() {
        TlsEndpoint victim = TlsCluster.result(joining);
        return assertThrows(TransportException.class, () -> victim.receive(1, TAG, Deadline.in(PATIENCE)));
    }

    private static byte[] header(int length, int type, int phase) {
        return ByteBuffer.allocate(Frame.HEADER_BYTES).putInt(length).put((byte) type).put((byte) phase).array();
    }

    private void endsAsViolation(byte[] nonsense, String reason) throws Exception {
        try (RawPeer peer = linked()) {
            peer.send(nonsense);
            TransportException thrown = whatTheVictimIsTold();
            assertEquals(Kind.PROTOCOL_VIOLATION, thrown.kind(), thrown.getMessage());
            assertTrue(thrown.getMessage().contains(reason), thrown.getMessage());
            peer.awaitEnd(PATIENCE);
        }
    }

    @Test
    void anOversizedFrameEndsTheLinkBeforeItsPayloadComes() throws Exception {
        endsAsViolation(header(MAX_PAYLOAD + 1, 3, 1), "DATA frame of 1001 bytes; allowed are 1000");
    }

    @Test
    void aNegativeLengthEndsTheLink() throws Exception {
        endsAsViolation(header(-1, 3, 1), "DATA frame of 4294967295 bytes");
    }

    @Test
    void anUnknownFrameTypeEndsTheLink() throws Exception {
        endsAsViolation(header(0, 200, 1), "frame of type 200");
    }

    @Test
    void anUnknownPhaseEndsTheLink() throws Exception {
        endsAsViolation(header(0, 3, 2), "frame of phase 2");
    }

    @Test
    void aLongControlFrameEndsTheLink() throws Exception {
        endsAsViolation(header(257, 4, 0), "ABORT frame of 257 bytes");
    }

    @Test
    void greetingAgainEndsTheLink() throws Exception {
        endsAsViolation(header(0, 0, 0), "greeted again");
    }

    @Test
    void aReplayedFrameEndsTheLink() throws Exception {
        byte[] frame = header(0, 3, 1);
        byte[] twice = Arrays.copyOf(frame, 2 * frame.length);
        System.arraycopy(frame, 0, twice, frame.length, frame.length);
        endsAsViolation(twice, "used a tag twice");
    }

    @Test
    void aFrameCutOffByTheEndOfTheConnectionIsAViolation() throws Exception {
        try (RawPeer peer = linked()) {
            peer.send(Arrays.copyOf(header(100, 3, 1), Frame.HEADER_BYTES + 50));
            peer.closeConnection();
            TransportException thrown = whatTheVictimIsTold();
            assertEquals(Kind.PROTOCOL_VIOLATION, thrown.kind(), thrown.getMessage());
            assertTrue(thrown.getMessage().contains("cut off"), thrown.getMessage());
        }
    }

    @Test
    void aConnectionThatEndsWithoutAFarewellIsAFailure() throws Exception {
        try (RawPeer peer = linked()) {
            peer.closeConnection();
            TransportException thrown = whatTheVictimIsTold();
            assertEquals(Kind.PEER_FAILED, thrown.kind(), thrown.getMessage());
        }
    }

    @Test
    void randomBytesNeverCrashNorHang() throws Exception {
        long seed = 4711;
        Random random = new Random(seed);
        byte[] noise = new byte[200_000];
        random.nextBytes(noise);
        noise[0] = 0x7F; // a first length beyond any bound, so that the noise cannot begin with a frame
        endsAsViolation(noise, "party 1 sent nonsense");
    }

    @Test
    void unacceptableGreetingsAreRefusedWithTheirReason() throws Exception {
        try (RawPeer peer = linked()) {
            refuses("SARDONYX/2 1 2 s", Refusal.WRONG_VERSION);
            refuses("SARDONYX/1 0 2 s", Refusal.WRONG_PARTY);
            refuses("SARDONYX/1 2 2 s", Refusal.WRONG_PARTY);
            refuses("SARDONYX/1 1 3 s", Refusal.WRONG_PARTIES);
            refuses("SARDONYX/1 1 2 other", Refusal.UNKNOWN_SESSION);
            refuses("SARDONYX/1 1 2 s", Refusal.ALREADY_LINKED);
            refuses("SARDONYX/1 1 2 ../s", Refusal.MALFORMED);
            refuses("", Refusal.MALFORMED);
            refuses("SARDONYX/99999999999999999999 1 2 s", Refusal.MALFORMED);

            // None of them disturbed the link that was there.
            peer.send(Frame.data(TAG, Phase.ONLINE, 1, new byte[] {8}));
            assertArrayEquals(new byte[] {8}, TlsCluster.result(joining).receive(1, TAG, Deadline.in(PATIENCE)).payload());
        }
    }

    private void refuses(String greeting, Refusal reason) throws Exception {
        try (RawPeer stranger = RawPeer.connect(ports.get(1), ports.get(0).address())) {
            stranger.hello(greeting);
            Frame answer = stranger.awaitFrame(PATIENCE);
            assertEquals(Frame.Type.REFUSED, answer.type(), greeting);
            assertEquals(reason.ordinal(), answer.depth(), greeting);
            stranger.awaitEnd(PATIENCE);
        }
    }

    @Test
    void aTooLongPayloadIsRefusedAtTheSender() throws Exception {
        try (RawPeer peer = linked()) {
            TlsEndpoint endpoint = TlsCluster.result(joining);
            assertThrows(IllegalArgumentException.class, () -> endpoint.send(1, TAG, Phase.ONLINE, 1, new byte[MAX_PAYLOAD + 1]));
            endpoint.send(1, TAG, Phase.ONLINE, 1, new byte[MAX_PAYLOAD]);
            assertEquals(MAX_PAYLOAD, peer.awaitFrame(PATIENCE).payload().length);
        }
    }
}
