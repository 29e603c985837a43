using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using KernelGen.Kernels.Elements;
using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>
/// QuEST (Panferov et al., arXiv 2502.05003): rows are rotated by a Hadamard transform, rounded to a grid whose scale is the
/// best one for Gaussian values of the row's RMS, and rotated back. The gradient is trusted, in the rotated basis, where the
/// error is at most half a step; beyond the outermost levels it is larger, so there nothing passes.
/// </summary>
/// <remarks>Rows are rotated in blocks of 128, then of 64, 32 and 16 for what is left; fewer than 16 columns stay as they are.</remarks>
internal sealed class Quest : Estimator
{
    private const int LargestBlock = 128;

    private const uint SignSeed = 0;

    private readonly LevelGrid _grid;
    private readonly float _scale,
        _trust;

    /// <param name="grid">Levels; the scale is chosen here.</param>
    public Quest(LevelGrid grid)
    {
        _grid = grid;
        _scale = (float)GaussianGrid.OptimalScale(grid.Levels);
        // Rounding errors of floats must not exclude values half a step away.
        _trust = (float)(grid.HalfStep * _scale * (1 + 1e-4));
    }

    /// <summary>The grid's scale for values of RMS 1.</summary>
    public float Scale => _scale;

    public override void Forward(in Place place, ReadOnlyMemory<float> values, Memory<float> held)
    {
        for (int start = 0; start < values.Length; start += place.Columns)
        {
            Span<float> row = held.Span.Slice(start, place.Columns);
            values.Span.Slice(start, place.Columns).CopyTo(row);
            Rotate(row, inverse: false);
            _grid.Round(row, _scale * Deviation(row), row);
            Rotate(row, inverse: true);
        }
    }

    public override void Backward(
        in Place place,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> held,
        Span<float> gradient,
        Span<float> learned
    )
    {
        float[] rented = ArrayPool<float>.Shared.Rent(place.Columns);
        Span<float> error = rented.AsSpan(0, place.Columns);
        for (int start = 0; start < values.Length; start += place.Columns)
        {
            ReadOnlySpan<float> row = values.Slice(start, place.Columns);
            Span<float> own = gradient.Slice(start, place.Columns);
            TensorPrimitives.Subtract(held.Slice(start, place.Columns), row, error);
            Rotate(error, inverse: false);
            Rotate(own, inverse: false);
            // A rotation changes no RMS.
            float limit = _trust * Deviation(row);
            for (int i = 0; i < own.Length; i++)
            {
                own[i] = Math.Abs(error[i]) <= limit ? own[i] : 0;
            }
            Rotate(own, inverse: true);
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private static float Deviation(ReadOnlySpan<float> row) => MathF.Sqrt(TensorPrimitives.SumOfSquares(row) / row.Length) + 1e-8f;

    private static void Rotate(Span<float> row, bool inverse)
    {
        int done = 0;
        for (int block = LargestBlock; block >= HadamardRotation.MinSize; block /= 2)
        {
            int length = (row.Length - done) / block * block;
            if (length > 0 && inverse)
            {
                HadamardRotation.Inverse(row.Slice(done, length), block, SignSeed);
            }
            else if (length > 0)
            {
                HadamardRotation.Forward(row.Slice(done, length), block, SignSeed);
            }
            done += length;
        }
    }
}
