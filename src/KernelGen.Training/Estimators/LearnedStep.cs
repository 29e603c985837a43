using System.Buffers;
using KernelGen.Kernels.Elements;

namespace KernelGen.Training;

/// <summary>
/// Learned step size (Esser et al., arXiv 1902.08153): y = s·round(clip(x / s)), where s is learned with
/// dy/ds = round(x / s) − x / s inside the levels and the outermost level outside, scaled by 1 / √(values · largest level).
/// What is learned is ln s: a step of the optimiser is then a relative one, regardless of the size of the values.
/// </summary>
internal sealed class LearnedStep(LevelGrid grid) : Estimator
{
    public override int Learned => 1;

    public override void Initialise(ReadOnlySpan<float> values, Span<float> learned)
    {
        double mean = System.Numerics.Tensors.TensorPrimitives.SumOfMagnitudes(values) / (double)values.Length;
        learned[0] = (float)Math.Log(2 * mean / Math.Sqrt(grid.Highest));
    }

    public override void Forward(in Place place, ReadOnlyMemory<float> values, Memory<float> held) =>
        grid.Round(values.Span, MathF.Exp(place.Learned.Span[0]), held.Span);

    public override void Backward(
        in Place place,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> held,
        Span<float> gradient,
        Span<float> learned
    )
    {
        float scale = MathF.Exp(place.Learned.Span[0]),
            low = grid.Lowest * scale,
            high = grid.Highest * scale;
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float x = values[i];
            bool inside = x >= low && x <= high;
            // s·dy/ds, as ln s is learned: held − x inside, held outside.
            sum += (double)gradient[i] * (inside ? held[i] - x : held[i]);
            gradient[i] = inside ? gradient[i] : 0;
        }
        learned[0] += (float)(sum / Math.Sqrt((double)values.Length * grid.Highest));
    }
}
