package dev.sardonyx.secureops.plan;

import dev.sardonyx.graph.Shape;

/**
 * What the parties agree on about one value.
 *
 * @param id its number in the plan
 * @param name from the model, for people
 * @param kind numbers or bits
 * @param visibility who may know it
 * @param shape its extents
 * @param fractionBits scale of a number: the raw integer is the real value times 2^fractionBits; 0 for integers and bits
 * @param magnitudeBits bound of a number: |raw| &lt; 2^magnitudeBits
 * @param nonNegative whether the number is known not to be negative
 * @param width ring of a number: its sharing is valid modulo 2^width; 1 for bits
 */
public record PlanValue(int id, String name, Kind kind, Visibility visibility, Shape shape, int fractionBits, int magnitudeBits,
        boolean nonNegative, int width) {

    public enum Kind {
        NUMBER, BITS
    }

    public PlanValue {
        if (width < 1 || width > 64) {
            throw new IllegalArgumentException("value '" + name + "': width " + width + "; expected 1 to 64");
        }
    }

    public int size() {
        return shape.size();
    }

    public boolean isSecret() {
        return visibility != Visibility.PUBLIC;
    }

    /** Bytes that one element takes in a message. */
    public int bytesPerElement() {
        return (width + 7) / 8;
    }
}
