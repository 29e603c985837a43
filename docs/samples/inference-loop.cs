#:project ../../formats/KernelGen.Formats/KernelGen.Formats.csproj

// Quantised layers in an inference loop: feed-forward layers of 256 × 1024 weights, one token after the other. Products round activations
// to bytes where the format has integer kernels. The same loop over float32 weights says what the format costs.
//
//     dotnet run docs/samples/inference-loop.cs
//
// prints
//
//     4.5 bits per weight, 1152 KiB instead of 8192
//     after 4 layers the state is off by 11 %

using KernelGen;
using KernelGen.Formats;

const int width = 256,
    hidden = 1024,
    layers = 4;
var random = new Random(1);
List<FeedForward> exact = [],
    packed = [];
for (int layer = 0; layer < layers; layer++)
{
    float[] up = Weights(hidden, width),
        down = Weights(width, hidden);
    exact.Add(new(CompressedMatrix<PlainF32>.Pack(up, hidden, width), CompressedMatrix<PlainF32>.Pack(down, width, hidden)));
    packed.Add(new(CompressedMatrix<Q4_0>.Pack(up, hidden, width), CompressedMatrix<Q4_0>.Pack(down, width, hidden)));
}
Console.WriteLine(
    $"{packed[0].BitsPerWeight} bits per weight, {packed.Sum(l => l.Bytes) >> 10} KiB instead of {exact.Sum(l => l.Bytes) >> 10}"
);

float[] wanted = new float[width],
    state = new float[width];
double error = 0,
    size = 0;
for (int token = 0; token < 8; token++)
{
    for (int i = 0; i < width; i++)
    {
        state[i] = wanted[i] = MathF.Sin(0.1f * i * (token + 1)); // a stand-in for the embedding of a token
    }
    exact.ForEach(layer => layer.Apply(wanted));
    packed.ForEach(layer => layer.Apply(state));
    for (int i = 0; i < width; i++)
    {
        error += Math.Pow(state[i] - wanted[i], 2);
        size += Math.Pow(wanted[i], 2);
    }
}
Console.WriteLine($"after {layers} layers the state is off by {100 * Math.Sqrt(error / size):F0} %");

float[] Weights(int rows, int columns)
{
    float[] weights = new float[rows * columns];
    for (int i = 0; i < weights.Length; i++)
    {
        weights[i] = (random.NextSingle() - 0.5f) * MathF.Sqrt(12f / columns);
    }
    return weights;
}

/// <summary>x += down · relu(up · x). It allocates when it is made, and not when it is applied.</summary>
internal sealed class FeedForward(CompressedMatrix up, CompressedMatrix down)
{
    private readonly float[] _middle = new float[up.Rows],
        _change = new float[down.Rows];

    private readonly MatVecPrecision _precision = up.HasIntegerKernels ? MatVecPrecision.Int8 : MatVecPrecision.Float;

    public double BitsPerWeight => up.BitsPerWeight;

    public int Bytes => up.Packed.Length + down.Packed.Length;

    public void Apply(float[] x)
    {
        up.MatMul(x, 1, _middle, _precision);
        for (int i = 0; i < _middle.Length; i++)
        {
            _middle[i] = MathF.Max(_middle[i], 0);
        }
        down.MatMul(_middle, 1, _change, _precision);
        for (int i = 0; i < x.Length; i++)
        {
            x[i] += _change[i];
        }
    }
}
