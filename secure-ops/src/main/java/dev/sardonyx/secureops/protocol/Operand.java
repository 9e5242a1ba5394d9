package dev.sardonyx.secureops.protocol;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The right operand of a product: a share and, where it outlives the request (a model's weights), what has been prepared from it, so
 * that weight panels are packed once per loaded model and role.
 */
public final class Operand {
    private final PartyValue.Numbers share;
    private final Map<String, Bilinear.Prepared> kept;
    private final boolean lasting;

    private Operand(PartyValue.Numbers share, boolean lasting) {
        this.share = share;
        this.lasting = lasting;
        this.kept = lasting ? new ConcurrentHashMap<>() : Map.of();
    }

    /** An operand of one request. */
    public static Operand passing(PartyValue.Numbers share) {
        return new Operand(share, false);
    }

    /** An operand that serves many requests and keeps what is prepared from it. */
    public static Operand lasting(PartyValue.Numbers share) {
        return new Operand(share, true);
    }

    public PartyValue.Numbers share() {
        return share;
    }

    /** What {@code make} prepares, made at most a few times for a lasting operand. */
    public Bilinear.Prepared prepared(String what, Supplier<Bilinear.Prepared> make) {
        return lasting ? kept.computeIfAbsent(what, key -> make.get()) : make.get();
    }
}
