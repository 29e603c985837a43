using KernelGen.Generators.Model;

namespace KernelGen.Generators.Emit;

/// <summary>The members that users call on a declared format; one that is nested in another has none.</summary>
internal static class DriverText
{
    public static string Members(FormatModel model) =>
        model.Enclosing.Count > 0
            ? ""
            : $$"""
                /// <inheritdoc/>
                public static void Pack(ReadOnlySpan<float> weights, int rows, int columns, Span<byte> packed)
                    => MatrixDriver<{{model.TypeName}}>.Pack(weights, rows, columns, packed);

                /// <inheritdoc/>
                public static void Unpack(ReadOnlySpan<byte> packed, int rows, int columns, Span<float> weights)
                    => MatrixDriver<{{model.TypeName}}>.Unpack(packed, rows, columns, weights);

                /// <inheritdoc/>
                public static void RoundTrip(ReadOnlySpan<float> weights, int rows, int columns, Span<float> result)
                    => MatrixDriver<{{model.TypeName}}>.RoundTrip(weights, rows, columns, result);
                """;
}
