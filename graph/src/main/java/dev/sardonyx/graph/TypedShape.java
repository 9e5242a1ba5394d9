package dev.sardonyx.graph;

/** The element type and shape of a value. */
public record TypedShape(ElementType type, Shape shape) {

    /** Those of a tensor. */
    public static TypedShape of(Tensor tensor) {
        return new TypedShape(tensor.type(), tensor.shape());
    }

    /** Those of a value of a graph. */
    public static TypedShape of(Value value) {
        return new TypedShape(value.type(), value.shape());
    }

    TypedShape with(Shape other) {
        return new TypedShape(type, other);
    }

    TypedShape with(ElementType other) {
        return new TypedShape(other, shape);
    }

    @Override
    public String toString() {
        return type + shape.toString();
    }
}
