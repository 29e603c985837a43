using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu.Tests;

/// <summary>
/// The exact product and the bound of products on tensor units. Rows of rotated formats stay rotated, and so are activations:
/// that is where they are rounded.
/// </summary>
internal sealed class HalfBound
{
    /// <summary>Rounding to binary16.</summary>
    private const double U = 1.0 / 2048;

    private readonly float[] _weights;
    private readonly int _padded,
        _rotation;
    private readonly uint _seed;
    private readonly bool _levels;

    public HalfBound(CompressedFormat format, byte[] packed, int rows, int columns, bool levels)
    {
        (_levels, _rotation, _padded) = (levels, format.Info.Rotation, columns);
        if (_rotation > 0)
        {
            _padded = (columns + format.Info.Block - 1) / format.Info.Block * format.Info.Block; // the same bytes hold this wider matrix
            _seed = Subjects.Kernels[format.Info.Name].Layout.RotationSeed;
        }
        _weights = new float[rows * _padded];
        format.ReferenceUnpack(packed, rows, _padded, _weights);
        if (_rotation > 0)
        {
            for (int row = 0; row < rows; row++)
            {
                HadamardRotation.Forward(_weights.AsSpan(row * _padded, _padded), _rotation, _seed);
            }
        }
    }

    /// <summary>Activations as they are multiplied.</summary>
    public double[] Rotate(ReadOnlySpan<float> x)
    {
        var rotated = new float[_padded];
        x.CopyTo(rotated);
        if (_rotation > 0)
        {
            HadamardRotation.Forward(rotated, _rotation, _seed);
        }
        return [.. rotated.Select(value => (double)value)];
    }

    /// <summary>The product of a row and how far from it a result may be.</summary>
    public (double Sum, double Bound) Of(int row, double[] x) => Of(row, x, _levels ? U : 2 * U + U * U);

    /// <summary>The same for activations that are rounded already.</summary>
    public (double Sum, double Bound) OfRounded(int row, double[] x) => Of(row, x, 0);

    private (double Sum, double Bound) Of(int row, double[] x, double rounding)
    {
        double sum = 0,
            products = 0,
            weights = 0,
            activations = 0,
            largest = 0,
            largestWeight = 0;
        for (int k = 0; k < _padded; k++)
        {
            double w = _weights[row * _padded + k];
            sum += w * x[k];
            products += Math.Abs(w * x[k]);
            weights += Math.Abs(w);
            activations += Math.Abs(x[k]);
            largest = Math.Max(largest, Math.Abs(x[k]));
            largestWeight = Math.Max(largestWeight, Math.Abs(w));
        }
        // decoded rows went through a rotation and back
        double turning = _rotation > 0 ? 4 * Math.Log2(_rotation) * Math.Pow(2, -24) * Math.Sqrt(_padded) * largestWeight * activations : 0;
        double tiny = Math.Pow(2, -39) * (largest * weights + (_levels ? 0 : largestWeight * activations)) + 1e-44;
        return (sum, (rounding + 4 * Math.Sqrt(_padded) * Math.Pow(2, -24)) * products + tiny + turning);
    }
}
