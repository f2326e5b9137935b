package dev.sallyport.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.sallyport.proto.ProtoYaml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SidecarPortsTest {
    private static final SidecarPorts PORTS = new SidecarPorts(40001, 0, "127.0.0.1", 40003, false);

    @Test
    void travelInTheMetadataOfTheNode() {
        assertThat(SidecarPorts.fromMetadata(PORTS.toMetadata())).isEqualTo(PORTS);
        assertThat(ProtoYaml.print(PORTS.toMetadata())).isEqualTo("""
                sallyport:
                  capture: 0
                  ipv6: false
                  proxy: 40001
                  ready: 40003
                  ready_address: 127.0.0.1
                """);
    }

    @Test
    void areTheUsualOnesWhereTheNodeSaysNothing() {
        assertThat(SidecarPorts.fromMetadata(ProtoYaml.parse("other: {proxy: 1}", Struct.newBuilder())
                        .build()))
                .isEqualTo(SidecarPorts.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "proxy|missing",
                "proxy: 1.5|proxy",
                "proxy: '1'|proxy",
                "proxy: 0|1..65535",
                "proxy: 65536|1..65535",
                "proxy: -1|1..65535",
                "proxy: 1e300|proxy: number_value: 1.0E300",
                "proxy: NaN|proxy",
                "proxy: 40003|three ports",
                "capture: 65536|0..65535",
                "ready_address: example.com|IP address",
                "ready_address: ''|IP address",
                "ready_address: 5|ready_address",
                "ipv6: 1|ipv6",
                "other: 1|other"
            })
    void areRefusedWhenMalformed(String change, String said) {
        Struct.Builder fields = PORTS.toMetadata().getFieldsOrThrow("sallyport").getStructValue().toBuilder();
        int colon = change.indexOf(':');
        if (colon < 0) {
            fields.removeFields(change);
        } else if (change.endsWith("NaN")) {
            fields.putFields(
                    "proxy", Value.newBuilder().setNumberValue(Double.NaN).build());
        } else {
            fields.putAllFields(
                    ProtoYaml.parse(change, Struct.newBuilder()).build().getFieldsMap());
        }
        Struct metadata = Struct.newBuilder()
                .putFields(
                        "sallyport", Value.newBuilder().setStructValue(fields).build())
                .build();

        assertThatThrownBy(() -> SidecarPorts.fromMetadata(metadata))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(said);
    }

    @Test
    void areRefusedWhenTheyAreNoStruct() {
        Struct metadata =
                ProtoYaml.parse("sallyport: 15001", Struct.newBuilder()).build();

        assertThatThrownBy(() -> SidecarPorts.fromMetadata(metadata)).isInstanceOf(IllegalArgumentException.class);
    }
}
