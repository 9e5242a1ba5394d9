package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Public;
import java.util.Collections;
import java.util.List;

/**
 * Two operands that broadcast to one output. A public operand whose single element stands for a whole tensor is walked as that
 * single element wherever the other operand has the output's extents.
 */
record Operands(Side leftSide, Side rightSide, Shape output, Broadcast broadcast) {
    /**
     * @param position among the step's inputs
     * @param shape in the plan
     * @param uniform whether it is a literal of one element
     */
    record Side(int position, Shape shape, boolean uniform) {
        private Shape walked() {
            return uniform ? new Shape(Collections.nCopies(shape.rank(), 1)) : shape;
        }

        private Side repeated() {
            return new Side(position, shape, false);
        }

        private PartyValue of(List<PartyValue> inputs) {
            PartyValue value = inputs.get(position);
            return uniform && value instanceof Public ? value : Mixture.full(value);
        }
    }

    static Operands of(Side left, Side right, Shape output) {
        var sparing = new Broadcast(left.walked(), right.walked());
        if (sparing.output().size() == output.size()) {
            return new Operands(left, right, output, sparing);
        }
        return new Operands(left.repeated(), right.repeated(), output, new Broadcast(left.shape(), right.shape()));
    }

    /** The shape by which the left operand's array is walked. */
    Shape leftWalked() {
        return leftSide.walked();
    }

    Shape rightWalked() {
        return rightSide.walked();
    }

    PartyValue left(List<PartyValue> inputs) {
        return leftSide.of(inputs);
    }

    PartyValue right(List<PartyValue> inputs) {
        return rightSide.of(inputs);
    }

    Rearrangement spreadLeft() {
        return Rearrangement.broadcast(leftWalked(), output);
    }

    Rearrangement spreadRight() {
        return Rearrangement.broadcast(rightWalked(), output);
    }

    Operands swapped() {
        return new Operands(rightSide, leftSide, output, new Broadcast(rightWalked(), leftWalked()));
    }
}
