using KernelGen.Models;

namespace KernelGen.Peers;

/// <summary>A model of one node, in the protocol buffers of ONNX (onnx.proto3: each field with its number).</summary>
internal static class OnnxModel
{
    private const int Float = 1,
        UInt8 = 2;

    /// <summary>y = x·Wᵀ by the operator MatMulNBits of ONNX Runtime.</summary>
    /// <param name="codes">Codes, row by row, the first of two in the low nibble.</param>
    /// <param name="scales">A float32 for each block.</param>
    /// <param name="zeroPoints">A float32 for each block; if null, 2^(bits − 1) is the code of 0.</param>
    /// <param name="rows">Rows of W.</param>
    /// <param name="columns">Columns of W.</param>
    /// <param name="batch">Rows of x.</param>
    /// <param name="bits">Bits of a code, 4 or 8.</param>
    /// <param name="block">Columns of a block.</param>
    /// <param name="accuracy">Its accuracy level: 1 is float32, 4 rounds activations to bytes.</param>
    public static byte[] MatMulNBits(
        byte[] codes,
        byte[] scales,
        byte[]? zeroPoints,
        int rows,
        int columns,
        int batch,
        int bits = 4,
        int block = 32,
        int accuracy = 4
    )
    {
        var node = new ProtocolBuffer()
            .Text(1, "x") // input
            .Text(1, "w")
            .Text(1, "s");
        if (zeroPoints is not null)
        {
            node.Text(1, "z");
        }
        node.Text(2, "y") // output
            .Text(4, "MatMulNBits") // op_type
            .Text(7, "com.microsoft"); // domain
        (string, long)[] attributes = [("K", columns), ("N", rows), ("bits", bits), ("block_size", block), ("accuracy_level", accuracy)];
        foreach ((string name, long value) in attributes)
        {
            node.Nested(5, new ProtocolBuffer().Text(1, name).Number(3, value).Number(20, 2)); // attribute: name, i, type INT
        }
        ProtocolBuffer graph = new ProtocolBuffer()
            .Nested(1, node)
            .Text(2, "product")
            .Nested(5, Tensor("w", UInt8, codes, rows, columns / block, block * bits / 8)) // initializer
            .Nested(5, Tensor("s", Float, scales, (long)rows * columns / block));
        if (zeroPoints is not null)
        {
            graph.Nested(5, Tensor("z", Float, zeroPoints, (long)rows * columns / block));
        }
        graph
            .Nested(11, Value("x", batch, columns)) // input
            .Nested(12, Value("y", batch, rows)); // output
        return new ProtocolBuffer()
            .Number(1, 8) // ir_version
            .Nested(7, graph)
            .Nested(8, new ProtocolBuffer().Text(1, "").Number(2, 17)) // opset_import
            .Nested(8, new ProtocolBuffer().Text(1, "com.microsoft").Number(2, 1))
            .ToArray();
    }

    private static ProtocolBuffer Tensor(string name, int type, byte[] data, params long[] dimensions)
    {
        var tensor = new ProtocolBuffer();
        foreach (long dimension in dimensions)
        {
            tensor.Number(1, dimension);
        }
        return tensor.Number(2, type).Text(8, name).Bytes(9, data); // data_type, name, raw_data
    }

    private static ProtocolBuffer Value(string name, params long[] dimensions)
    {
        var shape = new ProtocolBuffer();
        foreach (long dimension in dimensions)
        {
            shape.Nested(1, new ProtocolBuffer().Number(1, dimension)); // dim, dim_value
        }
        ProtocolBuffer tensor = new ProtocolBuffer().Number(1, Float).Nested(2, shape); // elem_type, shape
        return new ProtocolBuffer().Text(1, name).Nested(2, new ProtocolBuffer().Nested(1, tensor)); // name, type, tensor_type
    }
}
