package dev.sardonyx.cli.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Changes one thing in a message or in one that it holds: a number, a text, a piece left out, doubled, or taken from elsewhere in it. */
final class ProtoMutator {
    private static final long[] NUMBERS = {0, 1, -1, 2, 3, 7, 8, 100, 1 << 16, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 31, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE};
    private static final String[] TEXTS = {"", "x", "Add", "Loop", "If", "Reshape", "MatMul", "Conv", "axis", "perm", "value", "NOTSET", "SAME_UPPER", "../../etc/passwd",
            "ai.onnx.ml", "\u0000", "a".repeat(5000)};
    private static final float[] REALS = {0, -0f, 1, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE, Float.MAX_VALUE, 1e-20f, 0.5f};

    private ProtoMutator() {
    }

    static void change(Message.Builder message, Random random) {
        List<FieldDescriptor> set = new ArrayList<>(message.getAllFields().keySet());
        List<FieldDescriptor> all = message.getDescriptorForType().getFields();
        if (set.isEmpty() || random.nextInt(12) == 0) {
            set.add(all.get(random.nextInt(all.size())));
        }
        FieldDescriptor field = set.get(random.nextInt(set.size()));
        if (field.isRepeated()) {
            changeList(message, field, random);
        } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && message.hasField(field) && random.nextInt(10) != 0) {
            Message.Builder inner = ((Message) message.getField(field)).toBuilder();
            change(inner, random);
            message.setField(field, inner.build());
        } else if (random.nextInt(4) == 0) {
            message.clearField(field);
        } else {
            message.setField(field, fresh(message, field, random));
        }
    }

    private static void changeList(Message.Builder message, FieldDescriptor field, Random random) {
        int count = message.getRepeatedFieldCount(field);
        int way = random.nextInt(8);
        if (count == 0 || way == 0) {
            message.addRepeatedField(field, fresh(message, field, random));
        } else if (way == 1) {
            Object one = message.getRepeatedField(field, random.nextInt(count));
            for (int times = 1 + random.nextInt(3); times > 0; times--) {
                message.addRepeatedField(field, one);
            }
        } else if (way == 2) {
            var kept = new ArrayList<Object>((List<?>) message.getField(field));
            kept.remove(random.nextInt(count));
            message.setField(field, kept);
        } else if (way == 3) {
            int one = random.nextInt(count);
            int other = random.nextInt(count);
            Object first = message.getRepeatedField(field, one);
            message.setRepeatedField(field, one, message.getRepeatedField(field, other));
            message.setRepeatedField(field, other, first);
        } else {
            int at = random.nextInt(count);
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                Message.Builder inner = ((Message) message.getRepeatedField(field, at)).toBuilder();
                change(inner, random);
                message.setRepeatedField(field, at, inner.build());
            } else {
                message.setRepeatedField(field, at, fresh(message, field, random));
            }
        }
    }

    private static Object fresh(Message.Builder message, FieldDescriptor field, Random random) {
        return switch (field.getJavaType()) {
            case INT -> (int) NUMBERS[random.nextInt(NUMBERS.length)];
            case LONG -> NUMBERS[random.nextInt(NUMBERS.length)];
            case FLOAT -> REALS[random.nextInt(REALS.length)];
            case DOUBLE -> (double) REALS[random.nextInt(REALS.length)];
            case BOOLEAN -> random.nextBoolean();
            case STRING -> TEXTS[random.nextInt(TEXTS.length)];
            case BYTE_STRING -> {
                byte[] bytes = new byte[random.nextInt(40)];
                random.nextBytes(bytes);
                yield ByteString.copyFrom(bytes);
            }
            case ENUM -> field.getEnumType().getValues().get(random.nextInt(field.getEnumType().getValues().size()));
            case MESSAGE -> field.isRepeated() ? message.newBuilderForField(field).build()
                    : ((Message) message.getField(field)).getDefaultInstanceForType();
        };
    }
}
