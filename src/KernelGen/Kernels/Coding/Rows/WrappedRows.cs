using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Coding;

/// <summary>Blocks of kept values and a mask.</summary>
internal sealed class SparseRows(SparseBlock mask, RowCoder kept) : RowCoder(mask.Size)
{
    public override void RoundTrip(ReadOnlySpan<float> row, float tensorScale, Span<float> result)
    {
        Span<byte> stored = stackalloc byte[mask.MaskBytes];
        Span<float> values = stackalloc float[mask.Kept],
            decoded = stackalloc float[mask.Kept],
            block = stackalloc float[Block];
        for (int column = 0; column < row.Length; column += Block)
        {
            int length = Math.Min(Block, row.Length - column);
            stored.Clear();
            int count = mask.Compress(row.Slice(column, length), stored, values);
            decoded.Clear();
            kept.RoundTrip(values[..count], 1f, decoded[..count]);
            mask.ReferenceExpand(decoded, stored, block);
            block[..length].CopyTo(result[column..]);
        }
    }
}

/// <summary>Blocks of the rest and their outliers.</summary>
internal sealed class OutlierRows(int count, ScaleType type, RowCoder rest) : RowCoder(rest.Block)
{
    public override void RoundTrip(ReadOnlySpan<float> row, float tensorScale, Span<float> result)
    {
        Span<byte> stored = stackalloc byte[count * (OutlierCodec.PlaceBytes(Block) + ScaleCodec.Bytes(type))];
        Span<float> values = stackalloc float[Block],
            decoded = stackalloc float[Block];
        for (int column = 0; column < row.Length; column += Block)
        {
            int length = Math.Min(Block, row.Length - column);
            values.Clear();
            row.Slice(column, length).CopyTo(values);
            OutlierCodec.Extract(values, count, type, stored);
            rest.RoundTrip(values[..length], 1f, decoded[..length]);
            OutlierCodec.Insert(stored, count, type, decoded);
            decoded[..length].CopyTo(result[column..]);
        }
    }
}

/// <summary>Kept values of rows, coded one after the other.</summary>
internal sealed class MaskedRows(RowMask mask, RowCoder kept) : RowCoder(mask.Block)
{
    public override float TensorScale(in TensorStatistics statistics) => kept.TensorScale(statistics);

    public override void RoundTrip(ReadOnlySpan<float> row, float tensorScale, Span<float> result)
    {
        byte[] bitmap = new byte[SparseBitmap.Bytes(row.Length)];
        float[] values = new float[mask.Kept(row.Length)],
            decoded = new float[values.Length];
        SparseBitmap.Select(row, values.Length, bitmap);
        SparseBitmap.Compress(row, bitmap, values);
        kept.RoundTrip(values, tensorScale, decoded);
        SparseBitmap.Expand(decoded, bitmap, result);
    }
}

/// <summary>Rows of the rest and their outliers.</summary>
internal sealed class RowsWithOutliers(RowOutliers outliers, RowCoder rest) : RowCoder(rest.Block)
{
    public override float TensorScale(in TensorStatistics statistics) => rest.TensorScale(statistics);

    public override void RoundTrip(ReadOnlySpan<float> row, float tensorScale, Span<float> result)
    {
        int padded = (row.Length + Block - 1) / Block * Block;
        byte[] section = new byte[outliers.Bytes(padded)];
        float[] values = row.ToArray();
        outliers.Extract(values, padded, section);
        rest.RoundTrip(values, tensorScale, result);
        outliers.Store(row, result, padded, section);
        outliers.Add(section, padded, 0, result);
    }
}

/// <summary>Rows that are rotated, coded and rotated back.</summary>
internal sealed class RotatedRows(RowRotation rotation, RowCoder rotated) : RowCoder(Math.Max(rotation.Size, rotated.Block))
{
    public override float TensorScale(in TensorStatistics statistics) => rotated.TensorScale(statistics);

    public override void RoundTrip(ReadOnlySpan<float> row, float tensorScale, Span<float> result)
    {
        float[] values = new float[(row.Length + rotation.Size - 1) / rotation.Size * rotation.Size],
            decoded = new float[values.Length];
        row.CopyTo(values);
        HadamardRotation.Forward(values, rotation.Size, rotation.Seed);
        rotated.RoundTrip(values, tensorScale, decoded);
        HadamardRotation.Inverse(decoded, rotation.Size, rotation.Seed);
        decoded.AsSpan(0, row.Length).CopyTo(result);
    }
}
