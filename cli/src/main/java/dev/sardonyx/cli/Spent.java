package dev.sardonyx.cli;

import dev.sardonyx.secureops.execute.RunResult;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What some calls took, one after the other. */
final class Spent {
    private double seconds;
    private long[] bytes = {};
    private long[] preprocessingBytes = {};
    private int rounds;
    private int preprocessingRounds;
    private long inputBytes;
    private long revealBytes;
    private int calls;

    void add(RunResult result) {
        int parties = result.parties().size();
        bytes = bytes.length == 0 ? new long[parties] : bytes;
        preprocessingBytes = preprocessingBytes.length == 0 ? new long[parties] : preprocessingBytes;
        for (int party = 0; party < parties; party++) {
            bytes[party] += result.parties().get(party).bytes();
            preprocessingBytes[party] += result.parties().get(party).preprocessingBytes();
        }
        seconds += result.seconds();
        rounds += result.rounds();
        preprocessingRounds += result.preprocessingRounds();
        inputBytes += result.inputBytes();
        revealBytes += result.revealBytes();
        calls++;
    }

    double seconds() {
        return seconds;
    }

    /** Preprocessing and online, by party. */
    long[] bytesPerParty() {
        return bytes.clone();
    }

    long busiestBytes() {
        return Arrays.stream(bytes).max().orElse(0);
    }

    private long busiestOnlineBytes() {
        return IntStream.range(0, bytes.length).mapToLong(party -> bytes[party] - preprocessingBytes[party]).max().orElse(0);
    }

    int rounds() {
        return rounds;
    }

    int calls() {
        return calls;
    }

    /** The members that {@code run} and {@code predict} share. */
    void write(Json json) {
        json.name("seconds").value(seconds);
        json.name("bytesPerParty").numbers(bytes);
        json.name("rounds").value(rounds);
        json.name("calls").value(calls);
        json.name("preprocessing").object(() -> {
            json.name("bytesPerParty").numbers(preprocessingBytes);
            json.name("rounds").value(preprocessingRounds);
        });
        json.name("input").object(() -> json.name("bytes").value(inputBytes));
        json.name("reveal").object(() -> json.name("bytes").value(revealBytes));
    }

    /** For a comparison that is resumed. */
    void write(DataOutput out) throws IOException {
        out.writeDouble(seconds);
        out.writeByte(bytes.length);
        for (int party = 0; party < bytes.length; party++) {
            out.writeLong(bytes[party]);
            out.writeLong(preprocessingBytes[party]);
        }
        out.writeInt(rounds);
        out.writeInt(preprocessingRounds);
        out.writeLong(inputBytes);
        out.writeLong(revealBytes);
        out.writeInt(calls);
    }

    /** Reads what {@link #write(DataOutput)} wrote. */
    static Spent read(DataInput in) throws IOException {
        var spent = new Spent();
        spent.seconds = in.readDouble();
        int parties = in.readUnsignedByte();
        spent.bytes = new long[parties];
        spent.preprocessingBytes = new long[parties];
        for (int party = 0; party < parties; party++) {
            spent.bytes[party] = in.readLong();
            spent.preprocessingBytes[party] = in.readLong();
        }
        spent.rounds = in.readInt();
        spent.preprocessingRounds = in.readInt();
        spent.inputBytes = in.readLong();
        spent.revealBytes = in.readLong();
        spent.calls = in.readInt();
        return spent;
    }

    /** One line for people. */
    String line() {
        return Text.seconds(seconds) + " · " + Text.bytes(busiestBytes()) + " sent by the busiest party (online at most " + Text.bytes(busiestOnlineBytes())
                + ", ahead of the input " + Text.bytes(Arrays.stream(preprocessingBytes).sum()) + " in all) · " + Text.plural(rounds, "round")
                + (calls > 1 ? " in " + calls + " calls" : "");
    }
}
