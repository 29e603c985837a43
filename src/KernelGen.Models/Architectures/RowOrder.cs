namespace KernelGen.Models;

/// <summary>
/// The rows of a tensor in another order: those of a head's two halves one from each in turn, so that coordinates that turn together are
/// neighbours, as llama.cpp has them; or back. Works for any storage whose rows have bytes of their own.
/// </summary>
internal sealed class RowOrder(ModelTensor tensor, int headSize, bool back) : ByteSource(tensor.File)
{
    private readonly int _header = tensor.Storage.Format?.Info.TensorHeaderBytes ?? 0,
        _rowBytes = new TensorRows(tensor).RowBytes;

    public override long Length => tensor.Bytes;

    public override void RequireUnchanged() => tensor.Source.RequireUnchanged();

    /// <summary>The file belongs to the model that was opened.</summary>
    public override void Dispose() { }

    protected override int Read(Span<byte> bytes, long offset)
    {
        if (offset >= Length)
        {
            return 0;
        }
        if (offset < _header)
        {
            int count = (int)Math.Min(bytes.Length, _header - offset);
            tensor.ReadBytes(offset, bytes[..count]);
            return count;
        }
        (long row, long skipped) = Math.DivRem(offset - _header, _rowBytes);
        (long head, long place) = Math.DivRem(row, headSize);
        long half = headSize / 2,
            from = head * headSize + (back ? place % half * 2 + place / half : place % 2 * half + place / 2);
        int length = (int)Math.Min(bytes.Length, _rowBytes - skipped);
        tensor.ReadBytes(_header + from * _rowBytes + skipped, bytes[..length]);
        return length;
    }
}
