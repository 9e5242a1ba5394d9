package dev.sardonyx.secureops.protocol;

import dev.sardonyx.graph.Shape;

/** What one party holds of one value while a plan runs. Never shows its contents. */
public sealed interface PartyValue {

    Shape shape();

    /**
     * One party's share of a tensor of numbers: the additive components it holds, each row-major and as long as the tensor. Which
     * components of the sharing these are, and how many, is the protocol's to say. Bits above the plan's width are arbitrary.
     * Whoever makes the share gives its arrays up; nobody writes to them afterwards.
     */
    record Numbers(Shape shape, long[][] components) implements PartyValue {
        @Override
        public String toString() {
            return "Share" + shape;
        }
    }

    /**
     * One party's share of a tensor of booleans: components that combine by exclusive or; element i is bit {@code i % 64} of word
     * {@code i / 64}; the bits behind the last element are arbitrary.
     */
    record Bits(Shape shape, long[][] components) implements PartyValue {
        /** Words that hold {@code size} bits. */
        public static int words(int size) {
            return (size + 63) >>> 6;
        }

        @Override
        public String toString() {
            return "BitShare" + shape;
        }
    }

    /**
     * One party's share of learned numbers that are only ever a product's right operand: what is kept of them is that operand, prepared
     * in one layout.
     */
    record Kept(Operand operand, String layout) implements PartyValue {
        @Override
        public Shape shape() {
            return operand.shape();
        }

        @Override
        public String toString() {
            return "Kept" + shape();
        }
    }

    /** Numbers that every party knows. */
    record Public(Shape shape, long[] values) implements PartyValue {
        @Override
        public String toString() {
            return "Public" + shape;
        }
    }

    /** Booleans that every party knows, packed as in {@link Bits}. */
    record PublicBits(Shape shape, long[] words) implements PartyValue {
        @Override
        public String toString() {
            return "PublicBits" + shape;
        }
    }
}
