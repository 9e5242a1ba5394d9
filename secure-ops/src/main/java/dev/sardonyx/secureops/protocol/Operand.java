package dev.sardonyx.secureops.protocol;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.ring.RingKernels;
import org.jspecify.annotations.Nullable;

/**
 * The right operand of a product: a share and, where it outlives the request (a model's weights), what has been prepared from it, so
 * that weight panels are packed once per loaded model.
 *
 * <p>A lasting operand does not keep what its panels can be turned back into: a model's weights would lie in memory twice. What it has
 * prepared may differ from lane to lane, because a party may play different roles in them; whatever one asks for can be made from what
 * others left. Used by many threads at once.
 */
public final class Operand {
    private final Shape shape;
    private final boolean lasting;
    /** By component: what the owner gave; null where it can be had from a panel. Guarded by this. */
    private final long @Nullable [][] given;
    /** By component; empty for an operand of one request. Guarded by this. */
    private final Bilinear.@Nullable Prepared[] panels;
    /** Guarded by this. */
    private Bilinear.@Nullable Prepared sum;

    private Operand(Numbers share, boolean lasting) {
        this.shape = share.shape();
        this.lasting = lasting;
        this.given = share.components().clone();
        this.panels = new Bilinear.@Nullable Prepared[lasting ? given.length : 0];
    }

    /** An operand of one request. */
    public static Operand passing(Numbers share) {
        return new Operand(share, false);
    }

    /** An operand that serves many requests in one layout and keeps what is prepared from it. */
    public static Operand lasting(Numbers share) {
        return new Operand(share, true);
    }

    public Shape shape() {
        return shape;
    }

    /** How many components the share has. */
    public int components() {
        return given.length;
    }

    /** The share; its arrays are fresh where only panels were kept. */
    public synchronized Numbers share() {
        var components = new long[given.length][];
        for (int c = 0; c < components.length; c++) {
            components[c] = component(c);
        }
        return new Numbers(shape, components);
    }

    /** A component prepared for a form; forms that share a lasting operand have one layout. */
    public synchronized Bilinear.Prepared component(Bilinear form, int component) {
        if (!lasting) {
            return form.prepare(component(component));
        }
        Bilinear.Prepared known = panels[component];
        if (known == null) {
            known = form.prepare(component(component));
            panels[component] = known;
            given[component] = null;
        }
        return known;
    }

    /** The sum of all components prepared for a form; forms that share a lasting operand have one layout. */
    public synchronized Bilinear.Prepared sum(Bilinear form) {
        Bilinear.Prepared known = sum;
        if (known == null) {
            long[] total = component(0).clone();
            for (int c = 1; c < given.length; c++) {
                RingKernels.best().add(total, component(c), total);
            }
            known = form.prepare(total);
            if (lasting) {
                sum = known;
                forgetOne();
            }
        }
        return known;
    }

    /** One component follows from the sum and all others. */
    private void forgetOne() {
        for (int c = given.length - 1; c >= 0; c--) {
            if (given[c] != null) {
                given[c] = null;
                return;
            }
        }
    }

    private long[] component(int component) {
        long[] known = given[component];
        if (known != null) {
            return known;
        }
        Bilinear.Prepared panel = panels[component];
        if (panel != null) {
            return panel.restored();
        }
        Bilinear.Prepared total = sum;
        if (total == null) {
            throw new IllegalStateException("an operand lost component " + component);
        }
        long[] rest = total.restored();
        for (int c = 0; c < given.length; c++) {
            if (c != component) {
                RingKernels.best().sub(rest, component(c), rest);
            }
        }
        return rest;
    }

    @Override
    public String toString() {
        return "Operand" + shape;
    }
}
