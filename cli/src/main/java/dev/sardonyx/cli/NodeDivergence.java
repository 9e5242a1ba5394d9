package dev.sardonyx.cli;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How far an ONNX node's fixed-point output is from its float output, and why.
 *
 * @param maxAbsError difference from ONNX Runtime's float run
 * @param ownError the part that the node itself adds: its fixed-point output against what ONNX Runtime makes of the node's fixed-point
 *        inputs
 * @param roundingBound what rounding at the planned scales can explain of it
 * @param cause why the node adds it; {@link Cause#NONE} where it adds little and carries on what it was given
 * @param isolated whether the node alone puts its output outside the tolerance, leaves its planned range, or computes another function
 * @param fractionBits scale of its output
 * @param magnitudeBits bits that its output may take
 * @param protocolError difference of the secure run's value from the fixed-point one, where intermediates were revealed
 */
record NodeDivergence(String name, String op, double maxAbsError, double ownError, double roundingBound, Cause cause, boolean isolated,
        int fractionBits, int magnitudeBits, OptionalDouble protocolError) {
    /** Raw numbers have this many bits at most. */
    static final int MOST_BITS = 62;

    /** Why a node's numbers part. */
    enum Cause {
        /** Carries on what it was given. */
        NONE,
        /** Rounding at the planned scales. */
        PRECISION,
        /** A nonlinear function by polynomials, beyond what rounding explains. */
        APPROXIMATION,
        /** A float value lies outside what was planned for. */
        RANGE,
        /** The node computes another function than the model's file says. */
        BUG;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    int freeBits() {
        return Math.max(0, MOST_BITS - magnitudeBits);
    }

    NodeDivergence withProtocolError(double error) {
        return new NodeDivergence(name, op, maxAbsError, ownError, roundingBound, cause, isolated, fractionBits, magnitudeBits, OptionalDouble.of(error));
    }

    void write(Json json) {
        json.object(() -> {
            json.name("name").value(name);
            json.name("op").value(op);
            json.name("maxAbsError").value(maxAbsError);
            json.name("ownError").value(ownError);
            json.name("roundingBound").value(roundingBound);
            json.name("cause").value(cause.label());
            json.name("fractionBits").value(fractionBits);
            json.name("bitsUsed").value(magnitudeBits);
            json.name("bitsFree").value(freeBits());
            if (protocolError.isPresent()) {
                json.name("protocolError").value(protocolError);
            }
        });
    }
}
