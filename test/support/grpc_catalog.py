"""The catalog's gRPC interface, found through the server's own reflection service: no generated code here."""

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

SERVICE = "tarn.catalog.v1.Catalog"
SECONDS = 30


class GrpcCatalog:
    """`GrpcCatalog(address).call("Get", name="flights")` answers the response message, or raises grpc.RpcError."""

    def __init__(self, address, metadata=None):
        self.metadata = metadata
        self.channel = grpc.insecure_channel(address)
        self.pool = DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))
        self.service = self.pool.FindServiceByName(SERVICE)

    def call(self, method, *, seconds=SECONDS, **fields):
        descriptor = self.service.methods_by_name[method]
        request = message_factory.GetMessageClass(descriptor.input_type)(**fields)
        response = message_factory.GetMessageClass(descriptor.output_type)
        unary = self.channel.unary_unary(
            f"/{SERVICE}/{method}", request_serializer=lambda message: message.SerializeToString(), response_deserializer=response.FromString
        )
        return unary(request, timeout=seconds, metadata=self.metadata)

    def close(self):
        self.channel.close()


def reason_of(error):
    """The error code that the server put beside the status: the same string as in the HTTP bodies."""
    return dict(error.trailing_metadata()).get("tarn-reason")
