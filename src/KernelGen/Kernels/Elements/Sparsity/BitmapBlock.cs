namespace KernelGen.Kernels.Elements;

/// <summary>A block whose largest magnitudes are kept and marked in a bitmap.</summary>
internal sealed class BitmapBlock(int kept, int size) : SparseBlock(size, kept, SparseBitmap.Bytes(size))
{
    public override void ReferenceExpand(ReadOnlySpan<float> kept, ReadOnlySpan<byte> mask, Span<float> values)
    {
        int next = 0;
        for (int i = 0; i < Size; i++)
        {
            bool marked = (mask[i >> 3] >> (i & 7) & 1) != 0;
            // marks beyond the kept values, in damaged bytes, find zeros
            values[i] = marked && next < Kept ? kept[next] : 0f;
            next += marked ? 1 : 0;
        }
    }

    private protected override void Select(ReadOnlySpan<float> values, Span<byte> mask, Span<byte> bitmap)
    {
        if (values.Length == Size)
        {
            SparseBitmap.Select(values, Kept, bitmap);
        }
        else
        {
            Span<float> padded = stackalloc float[Size];
            padded.Clear();
            values.CopyTo(padded);
            SparseBitmap.Select(padded, Kept, bitmap);
        }
        bitmap.CopyTo(mask);
    }

    private protected override void Read(ReadOnlySpan<byte> mask, Span<byte> bitmap) => mask[..MaskBytes].CopyTo(bitmap);
}
