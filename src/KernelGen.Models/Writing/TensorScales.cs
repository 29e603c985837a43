namespace KernelGen.Models;

/// <summary>
/// Measures the scales that formats with a tensor header need before the first row is packed. Tensors are read once more for
/// it; parts are added in order, so that the scale does not depend on threads.
/// </summary>
internal sealed class TensorScales(ChunkList chunks, ModelWriteOptions options)
{
    /// <summary>The scale of each tensor of the plan; 1 where its format has none.</summary>
    public float[] Measure()
    {
        Chunk[] measured = [.. chunks.Chunks.Where(chunk => Needs(chunks.Tensors[chunk.Tensor]))];
        var parts = new TensorStatistics[measured.Length];
        Workers.Run(measured.Length, options.Threads, options.Cancellation, () =>
        {
            var buffer = Array.Empty<float>();
            return i =>
            {
                Chunk chunk = measured[i];
                PlannedTensor planned = chunks.Tensors[chunk.Tensor];
                int values = checked(chunk.Count * (int)planned.Source.Columns);
                buffer = buffer.Length < values ? new float[values] : buffer;
                new TensorRows(planned.Source).Read(chunk.First, chunk.Count, buffer);
                parts[i] = TensorStatistics.Measure(buffer.AsSpan(0, values));
                RequireFinite(planned, chunk.First, buffer.AsSpan(0, values), parts[i]);
            };
        });
        var sums = new TensorStatistics[chunks.Tensors.Count];
        for (int i = 0; i < measured.Length; i++)
        {
            sums[measured[i].Tensor] += parts[i];
        }
        return [.. chunks.Tensors.Select((planned, i) => Needs(planned) ? planned.Packing.TensorScale(sums[i]) : 1f)];
    }

    private static bool Needs(PlannedTensor planned) => !planned.IsCopied && planned.PackedAs?.TensorHeader is not null;

    private static void RequireFinite(PlannedTensor planned, long firstRow, Span<float> values, in TensorStatistics part)
    {
        FormatInfo info = planned.Packing.Info;
        if (float.IsFinite(part.AbsMax) || info.HoldsNonFinite)
        {
            return;
        }
        int index = 0;
        while (float.IsFinite(values[index]))
        {
            index++;
        }
        long columns = planned.Source.Columns;
        var bad = new NonFiniteWeightException(info.Name, firstRow + index / columns, index % columns, values[index]);
        throw new ModelFormatException(planned.Source.File, bad.Message, planned.Source.Name, bad);
    }
}
