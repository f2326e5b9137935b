package dev.sallyport.proto;

import static java.util.Objects.requireNonNullElse;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import java.math.BigDecimal;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Envoy messages as YAML and back: field names as in Envoy's documentation, fields in the order of their declaration, maps sorted by key, so that equal messages print equal text. The fields of
 * {@link NewerFields} print and parse like all others. Types inside {@code Any} are those of {@link EnvoyTypes}. Thread-safe.
 *
 * <p>Prints whatever a message holds: never give it one that holds a secret, unless the text goes to the secret's owner.
 */
public final class ProtoYaml {
    private static final TypeRegistry TYPES = types();
    private static final JsonFormat.Printer PRINTER = JsonFormat.printer()
            .usingTypeRegistry(TYPES)
            .preservingProtoFieldNames()
            .sortingMapKeys();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().usingTypeRegistry(TYPES);
    private static final Gson JSON = new GsonBuilder()
            .setObjectToNumberStrategy(json -> number(json.nextString()))
            .disableHtmlEscaping()
            .serializeNulls()
            .create();
    private static final DumpSettings STYLE = DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setWidth(180)
            .setSplitLines(false)
            .setMultiLineFlow(false)
            .build();

    /**
     * The message as one YAML document.
     *
     * @throws IllegalArgumentException if it packs a type that is not in {@link EnvoyTypes}
     */
    public static String print(Message message) {
        try {
            DynamicMessage complete =
                    DynamicMessage.parseFrom(complete(message.getDescriptorForType()), message.toByteString());
            return new Dump(STYLE).dumpToString(JSON.fromJson(PRINTER.print(complete), Object.class));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(
                    "cannot print " + message.getDescriptorForType().getFullName() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads one YAML document into {@code builder}, which it returns.
     *
     * @throws IllegalArgumentException if the text is no YAML, has a field that the message does not have, or a value of another type
     */
    @SuppressWarnings("unchecked") // mergeFrom returns the builder it is called on
    public static <B extends Message.Builder> B parse(String yaml, B builder) {
        String type = builder.getDescriptorForType().getFullName();
        try {
            Object document = new Load(LoadSettings.builder()
                            .setCodePointLimit(Integer.MAX_VALUE)
                            .build())
                    .loadFromString(yaml);
            DynamicMessage.Builder complete = DynamicMessage.newBuilder(complete(builder.getDescriptorForType()));
            PARSER.merge(JSON.toJson(document), complete);
            return (B) builder.mergeFrom(complete.build().toByteString());
        } catch (YamlEngineException | InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("cannot read " + type + ": " + e.getMessage(), e);
        }
    }

    private static Descriptor complete(Descriptor published) {
        return requireNonNullElse(TYPES.find(published.getFullName()), published);
    }

    /** 15001 rather than 15001.0: the numbers of a Struct are all doubles. */
    private static Number number(String json) {
        BigDecimal number = new BigDecimal(json).stripTrailingZeros();
        return number.scale() <= 0 && number.precision() - number.scale() <= 18
                ? (Number) number.longValueExact()
                : (Number) number.doubleValue();
    }

    private static TypeRegistry types() {
        NewerSchema schema = new NewerSchema();
        TypeRegistry.Builder types = TypeRegistry.newBuilder();
        for (FileDescriptor published : EnvoyTypes.FILES) {
            types.add(schema.complete(published).getMessageTypes());
        }
        return types.build();
    }

    private ProtoYaml() {}
}
