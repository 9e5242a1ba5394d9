package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Indices;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.Window;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * One instruction on drawn operands with what it must give, reckoned by the graph's evaluator, which shares no code with the executor.
 *
 * @param instruction what is done
 * @param operands its inputs
 * @param expected its outputs
 * @param slack by how much an element may exceed what is expected
 */
record InstructionCase(Instruction instruction, List<Operand> operands, List<Tensor> expected, int slack) {
    /** An input: booleans as BOOL, numbers as INT64. */
    record Operand(Tensor tensor, boolean uniform) {
        PlanValue.Kind kind() {
            return tensor.type() == ElementType.BOOL ? PlanValue.Kind.BITS : PlanValue.Kind.NUMBER;
        }
    }

    /** The kinds of cases, one for each instruction. */
    enum Subject {
        ADD, SUBTRACT, NEGATE, SHIFT_LEFT, SUM, SUM_WINDOW, CUMULATIVE_SUM, MOVE_NUMBERS, MOVE_BITS, XOR, NOT, MULTIPLY, MATMUL, CONVOLVE,
        TRUNCATE, COMPARE, SELECT, COMBINE, AND
    }

    static InstructionCase draw(Subject subject, Random random) {
        var maker = new Maker(random);
        return switch (subject) {
            case ADD -> maker.pair(new Instruction.Add(), Op.Binary.Function.ADD);
            case SUBTRACT -> maker.pair(new Instruction.Subtract(), Op.Binary.Function.SUB);
            case NEGATE -> maker.map(new Instruction.Negate(), maker.shape(3), x -> -x);
            case SHIFT_LEFT -> {
                int bits = random.nextInt(20);
                yield maker.map(new Instruction.ShiftLeft(bits), maker.shape(3), x -> x << bits);
            }
            case SUM -> maker.sum();
            case SUM_WINDOW -> maker.sumWindow();
            case CUMULATIVE_SUM -> maker.cumulativeSum();
            case MOVE_NUMBERS -> maker.move(false);
            case MOVE_BITS -> maker.move(true);
            case XOR -> maker.logic(new Instruction.Xor(), Op.Logic.Function.XOR);
            case NOT -> {
                Tensor x = maker.bits(maker.shape(3));
                yield maker.exact(new Instruction.Not(), List.of(x), new Op.Not(), List.of(x));
            }
            case MULTIPLY -> maker.multiply();
            case MATMUL -> maker.matMul();
            case CONVOLVE -> maker.convolve();
            case TRUNCATE -> {
                int bits = random.nextInt(20);
                InstructionCase exact = maker.map(new Instruction.Truncate(bits), maker.shape(3), x -> x >> bits);
                yield new InstructionCase(exact.instruction, exact.operands, exact.expected, 1);
            }
            case COMPARE -> maker.compare();
            case SELECT -> maker.select();
            case COMBINE -> maker.combine();
            case AND -> maker.logic(new Instruction.And(), Op.Logic.Function.AND);
        };
    }

    /** Draws one case. */
    private record Maker(Random random) {
        int between(int low, int high) {
            return random.nextInt(low, high + 1);
        }

        int extent() {
            return random.nextInt(12) == 0 ? 65 : between(1, 7);
        }

        Shape shape(int most) {
            int rank = between(0, most);
            var dims = new ArrayList<Integer>();
            for (int i = 0; i < rank; i++) {
                dims.add(random.nextInt(40) == 0 ? 0 : extent());
            }
            return new Shape(dims);
        }

        Shape shapeOfRank(int rank) {
            return new Shape(IntStream.range(0, rank).mapToObj(_ -> extent()).toList());
        }

        Tensor numbers(Shape shape) {
            return Tensor.ofLongs(ElementType.INT64, shape, random.longs(shape.size(), -1 << 20, 1 << 20).toArray());
        }

        Tensor bits(Shape shape) {
            return Tensor.ofLongs(ElementType.BOOL, shape, random.longs(shape.size(), 0, 2).toArray());
        }

        /** Some extents made 1, some leading ones dropped. */
        Shape narrowed(Shape shape) {
            var dims = new ArrayList<Integer>();
            for (int dim : shape.dims()) {
                dims.add(random.nextInt(3) == 0 ? 1 : dim);
            }
            return new Shape(dims.subList(random.nextInt(3) == 0 ? between(0, dims.size()) : 0, dims.size()));
        }

        /** Possibly all elements equal, to be given as a literal of one element. */
        Operand operand(Tensor tensor) {
            if (tensor.type() == ElementType.BOOL || tensor.size() == 0 || random.nextInt(4) != 0) {
                return new Operand(tensor, false);
            }
            return new Operand(Evaluator.evaluate(new Op.Expand(tensor.shape()),
                    List.of(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, tensor.getLong(0)))).getFirst(), true);
        }

        InstructionCase exact(Instruction instruction, List<Tensor> operands, Op op, List<Tensor> arguments) {
            return new InstructionCase(instruction, operands.stream().map(t -> new Operand(t, false)).toList(),
                    Evaluator.evaluate(op, arguments), 0);
        }

        InstructionCase pair(Instruction instruction, Op.Binary.Function function) {
            Shape shape = shape(4);
            boolean narrowLeft = random.nextBoolean();
            Operand a = operand(numbers(narrowLeft ? narrowed(shape) : shape));
            Operand b = operand(numbers(narrowLeft ? shape : narrowed(shape)));
            return new InstructionCase(instruction, List.of(a, b),
                    Evaluator.evaluate(new Op.Binary(function), List.of(a.tensor, b.tensor)), 0);
        }

        InstructionCase logic(Instruction instruction, Op.Logic.Function function) {
            Shape shape = shape(3);
            Tensor a = bits(shape);
            Tensor b = bits(narrowed(shape));
            return exact(instruction, List.of(a, b), new Op.Logic(function), List.of(a, b));
        }

        InstructionCase map(Instruction instruction, Shape shape, Function<Long, Long> function) {
            Operand x = operand(numbers(shape));
            long[] expected = IntStream.range(0, shape.size()).mapToLong(i -> function.apply(x.tensor.getLong(i))).toArray();
            return new InstructionCase(instruction, List.of(x), List.of(Tensor.ofLongs(ElementType.INT64, shape, expected)), 0);
        }

        InstructionCase sum() {
            Tensor x = numbers(shapeOfRank(between(1, 4)));
            List<Integer> axes = IntStream.range(0, x.shape().rank()).boxed().filter(_ -> random.nextBoolean()).toList();
            return exact(new Instruction.Sum(axes), List.of(x), new Op.Reduce(Op.Reduce.Function.SUM, axes), List.of(x));
        }

        Window window(int rank) {
            var kernel = new ArrayList<Integer>();
            var strides = new ArrayList<Integer>();
            var dilations = new ArrayList<Integer>();
            var before = new ArrayList<Integer>();
            var after = new ArrayList<Integer>();
            for (int i = 0; i < rank; i++) {
                kernel.add(between(1, 3));
                strides.add(between(1, 3));
                dilations.add(between(1, 2));
                before.add(between(0, 2));
                after.add(between(0, 2));
            }
            return new Window(kernel, strides, dilations, before, after);
        }

        Shape image(int batch, int channels, int rank) {
            var dims = new ArrayList<>(List.of(batch, channels));
            for (int i = 0; i < rank; i++) {
                dims.add(between(5, 8));
            }
            return new Shape(dims);
        }

        /** A window's sum is a convolution of each channel with ones. */
        InstructionCase sumWindow() {
            int rank = between(1, 3);
            int channels = between(1, 3);
            Window window = window(rank);
            Tensor x = numbers(image(between(1, 2), channels, rank));
            var filter = new ArrayList<>(List.of(channels, 1));
            filter.addAll(window.kernel());
            Shape shape = new Shape(filter);
            Tensor ones = Tensor.ofLongs(ElementType.INT64, shape, LongArrays.filled(shape.size(), 1));
            return exact(new Instruction.SumWindow(window), List.of(x), new Op.Conv(window, channels), List.of(x, ones));
        }

        InstructionCase cumulativeSum() {
            Tensor x = numbers(shapeOfRank(between(1, 3)));
            int axis = random.nextInt(x.shape().rank());
            boolean exclusive = random.nextBoolean();
            boolean reverse = random.nextBoolean();
            return exact(new Instruction.CumulativeSum(axis, exclusive, reverse), List.of(x), new Op.CumSum(axis, exclusive, reverse),
                    List.of(x));
        }

        InstructionCase move(boolean bits) {
            Shape shape = shapeOfRank(between(1, 4));
            Function<Shape, Tensor> make = bits ? this::bits : this::numbers;
            Op.Movement movement = movement(shape);
            var tensors = new ArrayList<Tensor>();
            if (movement instanceof Op.Concat(int axis)) {
                for (int i = between(1, 4); i > 0; i--) {
                    tensors.add(make.apply(shape.with(axis, extent())));
                }
            } else {
                tensors.add(make.apply(movement instanceof Op.Expand ? narrowed(shape) : shape));
            }
            return exact(new Instruction.Move(movement), tensors, movement, tensors);
        }

        private Op.Movement movement(Shape shape) {
            int rank = shape.rank();
            var axes = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
            return switch (random.nextInt(7)) {
                case 0 -> new Op.Reshape(Shape.of(1, shape.size()));
                case 1 -> {
                    Collections.shuffle(axes, random);
                    yield new Op.Transpose(axes);
                }
                case 2 -> slice(shape);
                case 3 -> new Op.Concat(random.nextInt(rank));
                case 4 -> new Op.Expand(shape);
                case 5 -> new Op.Pad(axes.stream().map(_ -> between(0, 2)).toList(), axes.stream().map(_ -> between(0, 2)).toList(), 0);
                default -> {
                    int size = between(1, 70);
                    yield new Op.Pick(Shape.of(size), Indices.of(random.ints(size, -1, shape.size()).toArray()));
                }
            };
        }

        private Op.Slice slice(Shape shape) {
            var starts = new ArrayList<Integer>();
            var steps = new ArrayList<Integer>();
            var sizes = new ArrayList<Integer>();
            for (int dim : shape.dims()) {
                int start = random.nextInt(dim);
                int step = random.nextBoolean() ? between(1, 3) : -between(1, 3);
                starts.add(start);
                steps.add(step);
                sizes.add(between(1, 1 + (step > 0 ? (dim - 1 - start) / step : start / -step)));
            }
            return new Op.Slice(starts, steps, sizes);
        }

        InstructionCase multiply() {
            Shape shape = shape(4);
            var operands = new ArrayList<Operand>();
            Tensor sum = Tensor.ofLongs(ElementType.INT64, shape, new long[shape.size()]);
            for (int terms = between(1, 3); terms > 0; terms--) {
                boolean narrowLeft = random.nextBoolean();
                Operand a = operand(numbers(narrowLeft ? narrowed(shape) : shape));
                Operand b = operand(numbers(narrowLeft ? shape : narrowed(shape)));
                operands.addAll(List.of(a, b));
                sum = Evaluator.evaluate(new Op.Binary(Op.Binary.Function.ADD), List.of(sum,
                        Evaluator.evaluate(new Op.Binary(Op.Binary.Function.MUL), List.of(a.tensor, b.tensor)).getFirst())).getFirst();
            }
            return new InstructionCase(new Instruction.Multiply(), operands, List.of(sum), 0);
        }

        InstructionCase matMul() {
            Shape batch = new Shape(IntStream.range(0, between(0, 2)).mapToObj(_ -> between(1, 3)).toList());
            int m = extent();
            int k = extent();
            int n = extent();
            Tensor a = numbers(matrix(narrowed(batch), m, k));
            Tensor b = numbers(matrix(narrowed(batch), k, n));
            return exact(new Instruction.MatMul(), List.of(a, b), new Op.MatMul(), List.of(a, b));
        }

        private static Shape matrix(Shape batch, int rows, int columns) {
            var dims = new ArrayList<>(batch.dims());
            dims.add(rows);
            dims.add(columns);
            return new Shape(dims);
        }

        InstructionCase convolve() {
            int rank = between(1, 3);
            int groups = between(1, 2);
            int perGroup = between(1, 2);
            Window window = window(rank);
            Tensor x = numbers(image(between(1, 2), groups * perGroup, rank));
            var filter = new ArrayList<>(List.of(groups * between(1, 2), perGroup));
            filter.addAll(window.kernel());
            Tensor w = numbers(new Shape(filter));
            return exact(new Instruction.Convolve(window, groups), List.of(x, w), new Op.Conv(window, groups), List.of(x, w));
        }

        InstructionCase compare() {
            Operand x = operand(numbers(shape(3)));
            List<Long> thresholds = random.longs(between(1, 3), -1 << 20, 1 << 20).sorted().boxed().toList();
            var expected = new ArrayList<Tensor>();
            for (long threshold : thresholds) {
                long[] bits = IntStream.range(0, x.tensor.size()).mapToLong(i -> x.tensor.getLong(i) >= threshold ? 1 : 0).toArray();
                expected.add(Tensor.ofLongs(ElementType.BOOL, x.tensor.shape(), bits));
            }
            return new InstructionCase(new Instruction.Compare(thresholds, 0, CarryTree.uniform(24, between(1, 4), between(2, 4))), List.of(x),
                    expected, 0);
        }

        InstructionCase select() {
            Shape shape = shape(3);
            Tensor bit = bits(narrowed(shape));
            Operand x = operand(numbers(shape));
            Tensor zero = Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, 0);
            return new InstructionCase(new Instruction.Select(), List.of(new Operand(bit, false), x),
                    Evaluator.evaluate(new Op.Where(), List.of(bit, x.tensor, zero)), 0);
        }

        InstructionCase combine() {
            Shape shape = shape(3);
            List<Tensor> bits = IntStream.range(0, between(1, 4)).mapToObj(_ -> bits(shape)).toList();
            var base = new ArrayList<Long>();
            var rows = new ArrayList<List<Long>>();
            var expected = new ArrayList<Tensor>();
            for (int c = between(1, 3); c > 0; c--) {
                long constant = between(-100, 100);
                List<Long> row = random.longs(bits.size(), -1 << 20, 1 << 20).boxed().toList();
                base.add(constant);
                rows.add(row);
                long[] sums = LongArrays.filled(shape.size(), constant);
                for (int t = 0; t < bits.size(); t++) {
                    for (int i = 0; i < sums.length; i++) {
                        sums[i] += row.get(t) * bits.get(t).getLong(i);
                    }
                }
                expected.add(Tensor.ofLongs(ElementType.INT64, shape, sums));
            }
            return new InstructionCase(new Instruction.Combine(base, rows), bits.stream().map(t -> new Operand(t, false)).toList(), expected,
                    0);
        }
    }
}
