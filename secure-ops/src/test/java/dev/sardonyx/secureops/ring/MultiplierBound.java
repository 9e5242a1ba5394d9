package dev.sardonyx.secureops.ring;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;

/**
 * The rate at which this core multiplies from registers, nothing loaded, added or stored: no product of matrices can be faster. Twelve
 * independent chains hide the multiplier's latency.
 */
final class MultiplierBound {
    private static final int STEPS = 1 << 14;
    private final long[] sink = new long[2 * Lanes.COUNT];

    /** Products modulo 2^64 that one call makes with the multiplications that the tiles of this width use. */
    static double products() {
        return 12.0 * STEPS * Lanes.COUNT;
    }

    /** Multiplies as {@link NativeTiles} or {@link SplitTiles} does. */
    void run() {
        if (Lanes.COUNT >= 8) {
            whole();
        } else {
            // The 32×32→64 multiplication is taken to be as fast as the 32-bit one, which it is on AMD's cores.
            cross();
            cross();
        }
    }

    private void whole() {
        LongVector x = LongVector.broadcast(Lanes.LONGS, 0x9E3779B97F4A7C15L);
        LongVector a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < STEPS; step++) {
            a = a.mul(x);
            b = b.mul(x);
            c = c.mul(x);
            d = d.mul(x);
            e = e.mul(x);
            f = f.mul(x);
            g = g.mul(x);
            h = h.mul(x);
            i = i.mul(x);
            j = j.mul(x);
            k = k.mul(x);
            l = l.mul(x);
        }
        a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l).intoArray(sink, 0);
    }

    private void cross() {
        IntVector x = IntVector.broadcast(Lanes.INTS, 0x9E3779B9);
        IntVector a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < STEPS; step++) {
            a = a.mul(x);
            b = b.mul(x);
            c = c.mul(x);
            d = d.mul(x);
            e = e.mul(x);
            f = f.mul(x);
            g = g.mul(x);
            h = h.mul(x);
            i = i.mul(x);
            j = j.mul(x);
            k = k.mul(x);
            l = l.mul(x);
        }
        IntVector sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l);
        sum.reinterpretAsLongs().intoArray(sink, Lanes.COUNT);
    }
}
