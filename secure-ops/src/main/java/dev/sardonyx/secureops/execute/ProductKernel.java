package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.Bilinear;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Kept;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.PartyValue.Public;
import dev.sardonyx.secureops.protocol.Product;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sum of products. Terms of two secrets go to the protocol together; in terms with a public operand the form acts on every
 * component of the other; terms of two public operands are added where public constants enter.
 */
final class ProductKernel implements Kernel {
    /**
     * @param form the bilinear map
     * @param left where the left operand stands
     * @param right where the right operand stands
     */
    record Term(Form form, Place left, Place right) {
    }

    /**
     * @param position among the step's inputs
     * @param value its id in the plan
     * @param uniform whether the form walks a literal of one element as it is
     */
    record Place(int position, int value, boolean uniform) {
        private PartyValue of(List<PartyValue> inputs) {
            PartyValue value = inputs.get(position);
            return uniform ? value : Mixture.full(value);
        }
    }

    private final List<Term> terms;
    private final PlanValue output;

    ProductKernel(List<Term> terms, PlanValue output) {
        this.terms = List.copyOf(terms);
        this.output = output;
    }

    /** The form in which a value of the plan is read, if it is read as a right operand in one layout and as nothing else. */
    Optional<Form> onlyForm(int value) {
        List<Form> forms = terms.stream().filter(term -> term.right.value == value).map(Term::form).toList();
        boolean onLeft = terms.stream().anyMatch(term -> term.left.value == value);
        return onLeft || forms.stream().map(Form::layout).distinct().count() != 1 ? Optional.empty() : Optional.of(forms.getFirst());
    }

    @Override
    public List<PartyValue> run(Seat seat, List<PartyValue> inputs) {
        var secret = new ArrayList<Product>();
        var sums = new Sums(output.shape());
        for (Term term : terms) {
            PartyValue a = term.left.of(inputs);
            PartyValue b = term.right.of(inputs);
            switch (a) {
                case Numbers x when b instanceof Kept(var operand, var _) -> secret.add(new Product(term.form, x, operand));
                case Public(var _, var x) when b instanceof Kept(var operand, var _) -> sums.addEach(term.form, x, operand);
                case Numbers x when b instanceof Numbers y ->
                    secret.add(new Product(term.form, x, seat.operand(term.right.value, term.form.layout(), y)));
                case Numbers(var _, var x) when b instanceof Public y -> sums.addEach(term.form, x, publicOperand(seat, term, y));
                case Public(var _, var x) when b instanceof Numbers y ->
                    sums.addEach(term.form, x, seat.operand(term.right.value, term.form.layout(), y));
                case Public(var _, var x) when b instanceof Public y -> sums.addPublic(term.form, x, publicOperand(seat, term, y));
                case PartyValue _ -> throw Mixture.refuse("numbers", a, b);
            }
        }
        if (secret.isEmpty()) {
            return List.of(sums.result(seat.constantSlot()));
        }
        Numbers products = seat.engine().multiply(seat.context(), secret, output);
        if (sums.isEmpty()) {
            return List.of(products);
        }
        seat.settle();
        return List.of(sums.plus(products, seat.constantSlot()));
    }

    private static Bilinear.Prepared publicOperand(Seat seat, Term term, Public right) {
        Operand operand = seat.operand(term.right.value, term.form.layout(), new Numbers(right.shape(), new long[][] {right.values()}));
        return operand.component(term.form, 0);
    }

    /** What the local terms add up to. */
    private static final class Sums {
        private static final RingKernels RING = RingKernels.best();

        private final Shape shape;
        private long @Nullable [][] components;
        private long @Nullable [] constant;

        Sums(Shape shape) {
            this.shape = shape;
        }

        void addEach(Form form, long[][] left, Bilinear.Prepared right) {
            boolean first = components == null;
            long[][] sums = components(left.length);
            for (int c = 0; c < sums.length; c++) {
                form.apply(left[c], right, sums[c], !first);
            }
        }

        void addEach(Form form, long[] left, Operand right) {
            boolean first = components == null;
            long[][] sums = components(right.components());
            for (int c = 0; c < sums.length; c++) {
                form.apply(left, right.component(form, c), sums[c], !first);
            }
        }

        void addPublic(Form form, long[] left, Bilinear.Prepared right) {
            boolean first = constant == null;
            long[] sum = first ? new long[shape.size()] : constant;
            constant = sum;
            form.apply(left, right, sum, !first);
        }

        private long[][] components(int count) {
            long[][] known = components;
            if (known == null) {
                known = new long[count][shape.size()];
                components = known;
            }
            return known;
        }

        boolean isEmpty() {
            return components == null && constant == null;
        }

        PartyValue result(int slot) {
            if (components != null) {
                addConstant(components, slot);
                return new Numbers(shape, components);
            }
            return new Public(shape, constant == null ? new long[shape.size()] : constant);
        }

        Numbers plus(Numbers products, int slot) {
            long[][] sums = new long[products.components().length][];
            for (int c = 0; c < sums.length; c++) {
                sums[c] = products.components()[c].clone();
                if (components != null) {
                    RING.add(sums[c], components[c], sums[c]);
                }
            }
            addConstant(sums, slot);
            return new Numbers(shape, sums);
        }

        private void addConstant(long[][] sums, int slot) {
            if (constant != null && slot >= 0) {
                RING.add(sums[slot], constant, sums[slot]);
            }
        }
    }
}
