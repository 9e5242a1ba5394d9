package dev.sardonyx.graph;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** The plaintext meaning of the operators that treat each element by itself, and of their broadcasting. */
final class Elementwise {
    private Elementwise() {
    }

    static Tensor binary(Op.Binary.Function function, Tensor left, Tensor right) {
        Shape shape = Shape.broadcast(left.shape(), right.shape());
        Tensor a = Movement.expand(left, shape);
        Tensor b = Movement.expand(right, shape);
        if (left.type().isFloating()) {
            return zipDoubles(a, b, onDoubles(function));
        }
        switch (function) {
            case DIV, MODULO, REMAINDER -> refuseZeros(function, b);
            case ADD, SUB, MUL, MIN, MAX, POW -> {
            }
        }
        return zipLongs(a, b, onLongs(function, left.type()));
    }

    private static void refuseZeros(Op.Binary.Function function, Tensor divisors) {
        for (long divisor : divisors.longs()) {
            if (divisor == 0) {
                throw new IllegalArgumentException("Binary: " + function + " of " + divisors.type() + " by zero");
            }
        }
    }

    private static DoubleBinaryOperator onDoubles(Op.Binary.Function function) {
        return switch (function) {
            case ADD -> (x, y) -> x + y;
            case SUB -> (x, y) -> x - y;
            case MUL -> (x, y) -> x * y;
            case DIV -> (x, y) -> x / y;
            case MIN -> Math::min;
            case MAX -> Math::max;
            case POW -> Math::pow;
            case MODULO -> (x, y) -> {
                double remainder = x % y;
                return remainder != 0 && remainder < 0 != y < 0 ? remainder + y : remainder;
            };
            case REMAINDER -> (x, y) -> x % y;
        };
    }

    private static LongBinaryOperator onLongs(Op.Binary.Function function, ElementType type) {
        boolean unsigned64 = type == ElementType.UINT64;
        return switch (function) {
            case ADD -> (x, y) -> x + y;
            case SUB -> (x, y) -> x - y;
            case MUL -> (x, y) -> x * y;
            case DIV -> unsigned64 ? Long::divideUnsigned : (x, y) -> x / y;
            case MIN -> unsigned64 ? (x, y) -> Long.compareUnsigned(x, y) < 0 ? x : y : Math::min;
            case MAX -> unsigned64 ? (x, y) -> Long.compareUnsigned(x, y) > 0 ? x : y : Math::max;
            case POW -> (x, y) -> y >= 0 ? SpecialFunctions.power(x, y) : (long) Math.pow(x, y);
            case MODULO -> unsigned64 ? Long::remainderUnsigned : Math::floorMod;
            case REMAINDER -> unsigned64 ? Long::remainderUnsigned : (x, y) -> x % y;
        };
    }

    static Tensor compare(Op.Compare.Relation relation, Tensor left, Tensor right) {
        Shape shape = Shape.broadcast(left.shape(), right.shape());
        Tensor a = Movement.expand(left, shape);
        Tensor b = Movement.expand(right, shape);
        long[] bits = new long[shape.size()];
        if (left.type().isFloating()) {
            double[] x = a.doubles();
            double[] y = b.doubles();
            for (int i = 0; i < bits.length; i++) {
                bits[i] = switch (relation) {
                    case EQUAL -> x[i] == y[i];
                    case LESS -> x[i] < y[i];
                    case LESS_OR_EQUAL -> x[i] <= y[i];
                    case GREATER -> x[i] > y[i];
                    case GREATER_OR_EQUAL -> x[i] >= y[i];
                } ? 1 : 0;
            }
        } else {
            long[] x = a.longs();
            long[] y = b.longs();
            boolean unsigned64 = left.type() == ElementType.UINT64;
            for (int i = 0; i < bits.length; i++) {
                int order = unsigned64 ? Long.compareUnsigned(x[i], y[i]) : Long.compare(x[i], y[i]);
                bits[i] = switch (relation) {
                    case EQUAL -> order == 0;
                    case LESS -> order < 0;
                    case LESS_OR_EQUAL -> order <= 0;
                    case GREATER -> order > 0;
                    case GREATER_OR_EQUAL -> order >= 0;
                } ? 1 : 0;
            }
        }
        return Tensor.ofLongs(ElementType.BOOL, shape, bits);
    }

    static Tensor logic(Op.Logic.Function function, Tensor left, Tensor right) {
        Shape shape = Shape.broadcast(left.shape(), right.shape());
        return zipLongs(Movement.expand(left, shape), Movement.expand(right, shape), switch (function) {
            case AND -> (x, y) -> x & y;
            case OR -> (x, y) -> x | y;
            case XOR -> (x, y) -> x ^ y;
        });
    }

    static Tensor not(Tensor x) {
        return mapLongs(x, bit -> 1 - bit);
    }

    static Tensor where(Tensor condition, Tensor whenTrue, Tensor whenFalse) {
        Shape shape = Shape.broadcast(condition.shape(), Shape.broadcast(whenTrue.shape(), whenFalse.shape()));
        long[] bits = Movement.expand(condition, shape).longs();
        int[] indices = new int[bits.length];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = bits[i] != 0 ? i : i + bits.length;
        }
        Tensor both = Movement.concat(0, List.of(flat(Movement.expand(whenTrue, shape)), flat(Movement.expand(whenFalse, shape))));
        return both.pick(shape, indices, 0);
    }

    private static Tensor flat(Tensor tensor) {
        return tensor.reshaped(Shape.of(tensor.size()));
    }

    static Tensor relu(Tensor x) {
        return clip(x, 0, Double.POSITIVE_INFINITY);
    }

    static Tensor leakyRelu(double slope, Tensor x) {
        return mapDoubles(x, v -> v >= 0 ? v : slope * v);
    }

    static Tensor clip(Tensor x, double low, double high) {
        if (x.type().isFloating()) {
            return mapDoubles(x, v -> Math.min(Math.max(v, low), high));
        }
        if (x.type() == ElementType.UINT64) {
            return mapLongs(x, v -> {
                double value = v >= 0 ? v : (v >>> 1) * 2.0;
                return value < low ? (long) low : value > high ? (long) high : v;
            });
        }
        long least = (long) Math.ceil(low);
        long greatest = (long) Math.floor(high);
        return mapLongs(x, v -> Math.min(Math.max(v, least), greatest));
    }

    static Tensor unary(ScalarFunction function, Tensor x) {
        return x.type().isFloating() ? mapDoubles(x, onDoubles(function)) : mapLongs(x, onLongs(function));
    }

    /** A function's meaning in doubles. */
    static DoubleUnaryOperator onDoubles(ScalarFunction function) {
        return switch (function) {
            case ScalarFunction.Elementary elementary -> elementary(elementary);
            case ScalarFunction.Elu(double alpha) -> x -> x >= 0 ? x : alpha * Math.expm1(x);
            case ScalarFunction.Celu(double alpha) -> x -> Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
            case ScalarFunction.Selu(double alpha, double gamma) -> x -> gamma * (x > 0 ? x : alpha * Math.expm1(x));
            case ScalarFunction.Swish(double alpha) -> x -> x == Double.NEGATIVE_INFINITY && alpha > 0 ? 0
                    : x * SpecialFunctions.sigmoid(alpha * x);
            case ScalarFunction.Power(double exponent) -> x -> Math.pow(x, exponent);
        };
    }

    private static DoubleUnaryOperator elementary(ScalarFunction.Elementary function) {
        return switch (function) {
            case NEGATE -> x -> -x;
            case ABS -> Math::abs;
            case SIGN -> Math::signum;
            case FLOOR -> Math::floor;
            case CEIL -> Math::ceil;
            case ROUND -> Math::rint;
            case TRUNCATE -> x -> x < 0 ? Math.ceil(x) : Math.floor(x);
            case EXP -> Math::exp;
            case LOG -> Math::log;
            case SQRT -> Math::sqrt;
            case RSQRT -> x -> 1 / Math.sqrt(x);
            case RECIPROCAL -> x -> 1 / x;
            case SIGMOID -> SpecialFunctions::sigmoid;
            case TANH -> Math::tanh;
            case ERF -> SpecialFunctions::erf;
            case GELU -> SpecialFunctions::gelu;
            case GELU_TANH -> SpecialFunctions::geluTanh;
            case SOFTPLUS -> SpecialFunctions::softplus;
            case SOFTSIGN -> x -> x / (1 + Math.abs(x));
            case MISH -> x -> x == Double.NEGATIVE_INFINITY ? 0 : x * Math.tanh(SpecialFunctions.softplus(x));
            case SIN -> Math::sin;
            case COS -> Math::cos;
            case TAN -> Math::tan;
            case ASIN -> Math::asin;
            case ACOS -> Math::acos;
            case ATAN -> Math::atan;
            case SINH -> Math::sinh;
            case COSH -> Math::cosh;
            case ASINH -> SpecialFunctions::asinh;
            case ACOSH -> SpecialFunctions::acosh;
            case ATANH -> SpecialFunctions::atanh;
        };
    }

    private static LongUnaryOperator onLongs(ScalarFunction function) {
        return switch (function) {
            case ScalarFunction.Elementary elementary -> switch (elementary) {
                case NEGATE -> x -> -x;
                case ABS -> Math::abs;
                case SIGN -> Long::signum;
                case FLOOR, CEIL, ROUND, TRUNCATE -> x -> x;
                case EXP, LOG, SQRT, RSQRT, RECIPROCAL, SIGMOID, TANH, ERF, GELU, GELU_TANH, SOFTPLUS, SOFTSIGN, MISH, SIN, COS, TAN,
                        ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH -> throw onlyFloating(function);
            };
            case ScalarFunction.Elu _, ScalarFunction.Celu _, ScalarFunction.Selu _, ScalarFunction.Swish _ -> throw onlyFloating(function);
            case ScalarFunction.Power(double exponent) -> exponent >= 0 && exponent == Math.rint(exponent)
                    ? x -> SpecialFunctions.power(x, (long) exponent)
                    : x -> (long) Math.pow(x, exponent);
        };
    }

    private static IllegalArgumentException onlyFloating(ScalarFunction function) {
        return new IllegalArgumentException(function + " of integers; expected a floating type");
    }

    private static Tensor zipDoubles(Tensor a, Tensor b, DoubleBinaryOperator function) {
        double[] x = a.doubles();
        double[] y = b.doubles();
        double[] result = new double[x.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = function.applyAsDouble(x[i], y[i]);
        }
        return Tensor.ofDoubles(a.type(), a.shape(), result);
    }

    private static Tensor zipLongs(Tensor a, Tensor b, LongBinaryOperator function) {
        long[] x = a.longs();
        long[] y = b.longs();
        long[] result = new long[x.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = a.type().wrap(function.applyAsLong(x[i], y[i]));
        }
        return Tensor.ofLongs(a.type(), a.shape(), result);
    }

    private static Tensor mapDoubles(Tensor a, DoubleUnaryOperator function) {
        double[] x = a.doubles();
        double[] result = new double[x.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = function.applyAsDouble(x[i]);
        }
        return Tensor.ofDoubles(a.type(), a.shape(), result);
    }

    private static Tensor mapLongs(Tensor a, LongUnaryOperator function) {
        long[] x = a.longs();
        long[] result = new long[x.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = a.type().wrap(function.applyAsLong(x[i]));
        }
        return Tensor.ofLongs(a.type(), a.shape(), result);
    }
}
