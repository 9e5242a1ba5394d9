package dev.sardonyx.secureops.ring;

/** Checks of array lengths, so that every kernel refuses in the same words. */
final class Lengths {
    private Lengths() {}

    /** Requires exactly rows·columns elements. */
    static void require(String operation, String operand, long[] array, int rows, int columns) {
        if (rows < 0 || columns < 0 || (long) rows * columns != array.length) {
            throw new IllegalArgumentException(
                    operation + ": " + operand + " has " + array.length + " elements; expected " + rows + "×" + columns);
        }
    }

    /** Requires exactly {@code expected} elements. */
    static void require(String operation, String operand, long[] array, int expected) {
        if (array.length != expected) {
            throw new IllegalArgumentException(
                    operation + ": " + operand + " has " + array.length + " elements; expected " + expected);
        }
    }

    /** Requires rows {@code from} to {@code to} of a matrix of {@code columns} columns to lie within the array. */
    static void requireRows(String operation, String operand, long[] array, int from, int to, int columns) {
        if (from < 0 || to < from || (long) to * columns > array.length) {
            throw new IndexOutOfBoundsException(operation + ": rows " + from + " to " + to + " of " + columns + " columns; "
                    + operand + " has " + array.length + " elements");
        }
    }

    /** Requires 0 ≤ lowBit, 0 ≤ bits, lowBit + bits ≤ 64. */
    static void requireBits(int lowBit, int bits) {
        if (lowBit < 0 || bits < 0 || lowBit > 64 - bits) {
            throw new IllegalArgumentException(
                    "bits " + lowBit + " to " + (lowBit + (long) bits - 1) + "; a ring element has bits 0 to 63");
        }
    }
}
