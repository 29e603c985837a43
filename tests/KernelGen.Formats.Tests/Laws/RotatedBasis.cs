using KernelGen.Kernels.Elements;

namespace KernelGen.Formats.Tests.Laws;

/// <summary>
/// Weights and activations as a format multiplies them: rotated, with the columns that fill the last rotation, if it rotates.
/// </summary>
internal sealed class RotatedBasis
{
    private readonly CompressedFormat _format;
    private readonly int _columns,
        _padded;
    private readonly uint _seed;

    public RotatedBasis(CompressedFormat format, int columns)
    {
        (_format, _columns, _padded) = (format, columns, columns);
        if (format.Info.Rotation > 0)
        {
            _padded = (columns + format.Info.Rotation - 1) / format.Info.Rotation * format.Info.Rotation;
            string words = format.Info.Stages.Single(stage => stage.Kind == "Hadamard").Text;
            _seed = uint.Parse(words[(words.LastIndexOf(' ') + 1)..]);
        }
    }

    public float[] Weights(ReadOnlySpan<byte> packed, int rows)
    {
        // the same bytes hold the wider matrix
        float[] weights = new float[rows * _padded];
        _format.ReferenceUnpack(packed, rows, _padded, weights);
        return Rotate(weights);
    }

    public float[] Activations(float[] x)
    {
        int batch = x.Length / _columns;
        float[] padded = new float[batch * _padded];
        for (int v = 0; v < batch; v++)
        {
            x.AsSpan(v * _columns, _columns).CopyTo(padded.AsSpan(v * _padded));
        }
        return Rotate(padded);
    }

    private float[] Rotate(float[] vectors)
    {
        for (int start = 0; _format.Info.Rotation > 0 && start < vectors.Length; start += _padded)
        {
            HadamardRotation.Forward(vectors.AsSpan(start, _padded), _format.Info.Rotation, _seed);
        }
        return vectors;
    }
}
