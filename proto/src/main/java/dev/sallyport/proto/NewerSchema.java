package dev.sallyport.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.sallyport.proto.newer.NewerProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Envoy's messages as a current Envoy knows them: the published descriptors with the {@linkplain NewerFields#MISSING missing} fields put in. It lets YAML show and read those fields like all others.
 * Not thread-safe.
 */
final class NewerSchema {
    private final Map<String, FileDescriptor> files = new HashMap<>();

    /** The file with the missing fields; itself when neither it nor what it imports lacks any. */
    FileDescriptor complete(FileDescriptor published) {
        FileDescriptor known = files.get(published.getName());
        if (known == null) {
            known = rebuild(published);
            files.put(published.getName(), known);
        }
        return known;
    }

    private FileDescriptor rebuild(FileDescriptor published) {
        List<FileDescriptor> imports = new ArrayList<>();
        for (FileDescriptor imported : published.getDependencies()) {
            imports.add(complete(imported));
        }
        FileDescriptorProto.Builder file = published.toProto().toBuilder();
        boolean incomplete = false;
        for (DescriptorProto.Builder message : file.getMessageTypeBuilderList()) {
            incomplete |= addMissing(file.getPackage(), message);
        }
        if (!incomplete && imports.equals(published.getDependencies())) {
            return published;
        }
        if (incomplete) {
            // What newer.proto imports too: a file sees the types of its direct imports only.
            Stream.concat(newer().getDependencies().stream(), Stream.of(newer()))
                    .filter(addition -> !file.getDependencyList().contains(addition.getName()))
                    .forEach(addition -> {
                        file.addDependency(addition.getName());
                        imports.add(addition);
                    });
        }
        return link(file.build(), imports);
    }

    private static FileDescriptor newer() {
        return NewerProto.getDescriptor();
    }

    private static boolean addMissing(String packageName, DescriptorProto.Builder message) {
        Descriptor missing = NewerFields.MISSING.get(packageName + "." + message.getName());
        if (missing == null) {
            return false;
        }
        for (FieldDescriptor field : missing.getFields()) {
            message.addField(field.toProto());
        }
        return true;
    }

    private static FileDescriptor link(FileDescriptorProto file, List<FileDescriptor> imports) {
        try {
            return FileDescriptor.buildFrom(file, imports.toArray(new FileDescriptor[0]));
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException(file.getName() + " does not take the fields of newer.proto", e);
        }
    }
}
