package dev.sardonyx.cli;

import dev.sardonyx.reference.files.Range;
import java.util.Locale;

/** The operators that {@code bench --primitive} knows: one ONNX operator each. */
enum Primitive {
    MATMUL("MatMul", "512x512x512", new Range(-1, 1), 2), PRODUCT("Mul", "100000", new Range(-4, 4), 2), ADDITION("Add", "100000", new Range(-4, 4), 2),
    DIVISION("Div", "100000", new Range(0.5, 8), 2), MAXIMUM("Max", "100000", new Range(-4, 4), 2), RELU("Relu", "1000000", new Range(-8, 8), 1),
    SOFTMAX("Softmax", "128x10", new Range(-8, 8), 1), SIGMOID("Sigmoid", "100000", new Range(-8, 8), 1), TANH("Tanh", "100000", new Range(-8, 8), 1),
    GELU("Gelu", "100000", new Range(-8, 8), 1), ERF("Erf", "100000", new Range(-4, 4), 1), EXP("Exp", "100000", new Range(-16, 0), 1),
    LOG("Log", "100000", new Range(0.0625, 16), 1), SQRT("Sqrt", "100000", new Range(0.0625, 16), 1),
    RECIPROCAL("Reciprocal", "100000", new Range(0.5, 8), 1), ARGMAX("ArgMax", "128x10", new Range(-8, 8), 1);

    private final String operator;
    private final String usualShape;
    private final Range range;
    private final int inputs;

    Primitive(String operator, String usualShape, Range range, int inputs) {
        this.operator = operator;
        this.usualShape = usualShape;
        this.range = range;
        this.inputs = inputs;
    }

    String operator() {
        return operator;
    }

    String usualShape() {
        return usualShape;
    }

    /** Bounds of the random inputs, in which the operator is at home. */
    Range range() {
        return range;
    }

    int inputs() {
        return inputs;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
