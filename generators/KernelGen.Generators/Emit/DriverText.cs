namespace KernelGen.Generators.Emit;

/// <summary>The members that users call; they check shapes and the tensor header in the runtime, whatever the format.</summary>
internal static class DriverText
{
    public static string Members(string type) =>
        $$"""
            /// <inheritdoc/>
            public static void Pack(ReadOnlySpan<float> weights, int rows, int columns, Span<byte> packed)
                => MatrixDriver<{{type}}>.Pack(weights, rows, columns, packed);

            /// <inheritdoc/>
            public static void Unpack(ReadOnlySpan<byte> packed, int rows, int columns, Span<float> weights)
                => MatrixDriver<{{type}}>.Unpack(packed, rows, columns, weights);

            /// <inheritdoc/>
            public static void RoundTrip(ReadOnlySpan<float> weights, int rows, int columns, Span<float> result)
                => MatrixDriver<{{type}}>.RoundTrip(weights, rows, columns, result);
            """;
}
