using System.Numerics.Tensors;
using KernelGen.Scaling;

namespace KernelGen.Training;

/// <summary>
/// Gaussian weights of variance 1 / inputs, so that what comes out of a layer is as large as what goes in; matrices that add
/// to the residual stream are smaller by √(2·layers), so that the stream does not grow with depth (Radford et al. 2019).
/// </summary>
internal static class InitialWeights
{
    /// <summary>
    /// Standard deviation of embeddings: small, so that layers soon have their say in the stream, and logits begin near zero.
    /// </summary>
    private const float EmbeddingDeviation = 0.1f;

    public static void Fill(ParameterLayout layout, int seed, Span<float> parameters)
    {
        float residual = 1 / MathF.Sqrt(2 * layout.Layers.Count);
        for (int i = 0; i < layout.Tensors.Count; i++)
        {
            ParameterTensor tensor = layout.Tensors[i];
            Span<float> values = parameters[tensor.Range];
            switch (tensor.Kind)
            {
                case ParameterKind.Norm:
                    values.Fill(1);
                    break;
                case ParameterKind.Linear or ParameterKind.Embedding:
                    ValueSource.Gaussian.Fill((ulong)(uint)seed, i, values);
                    bool adds = layout.Layers.Any(layer => tensor == layer.Output || tensor == layer.Down);
                    TensorPrimitives.Multiply(
                        values,
                        tensor.Kind == ParameterKind.Embedding ? EmbeddingDeviation : (adds ? residual : 1) / MathF.Sqrt(tensor.Columns),
                        values
                    );
                    break;
            }
        }
    }
}
