namespace KernelGen.Formats.Tests.Laws;

/// <summary>
/// The error bound of matvec over rotated rows: (4·√K + 2·log2 s + 4)·2⁻²⁴ · Σ‖w‖·‖x‖ over rotations of s columns, where K and
/// the weights include the columns that pad the last rotation.
/// </summary>
internal sealed class RotatedBound
{
    private readonly float[] _weights;
    private readonly int _size,
        _padded;

    public RotatedBound(CompressedFormat format, byte[] packed, int rows, int columns)
    {
        _size = format.Info.Rotation;
        int block = format.Info.Block;
        _padded = (columns + block - 1) / block * block; // the same bytes hold this wider matrix
        Assert.Equal(format.Info.PackedBytes(rows, columns), format.Info.PackedBytes(rows, _padded));
        _weights = new float[rows * _padded];
        format.ReferenceUnpack(packed, rows, _padded, _weights);
    }

    public double Of(int row, ReadOnlySpan<float> x)
    {
        double sum = 0;
        for (int start = 0; start < _padded; start += _size)
        {
            double w = 0,
                a = 0;
            for (int k = start; k < start + _size; k++)
            {
                w += Math.Pow(_weights[row * _padded + k], 2);
                a += k < x.Length ? Math.Pow(x[k], 2) : 0;
            }
            sum += Math.Sqrt(w * a);
        }
        return (4 * Math.Sqrt(_padded) + 2 * Math.Log2(_size) + 4) * Math.Pow(2, -24) * sum;
    }
}
