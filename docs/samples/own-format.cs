#:project ../../src/KernelGen.Scaling/KernelGen.Scaling.csproj
#:project ../../formats/KernelGen.Formats/KernelGen.Formats.csproj

// A format of your own, compared with built-in ones on two distributions.
//
//     dotnet run docs/samples/own-format.cs
//
// prints
//
//     code3-g32   3.50 bits   Gaussian .0256   Laplace .0381
//     int3-g32    3.50 bits   Gaussian .0511   Laplace .0744
//     q3_k        3.44 bits   Gaussian .0205   Laplace .0281
//     q4_0        4.50 bits   Gaussian .0074   Laplace .0113

using System.Globalization;
using KernelGen;
using KernelGen.Formats;
using KernelGen.Scaling;

CompressedFormat[] formats =
[
    CompressedFormat.Of<Mine.Code3>(),
    CompressedFormat.Of<Int3G32>(),
    CompressedFormat.Of<Q3_K>(),
    CompressedFormat.Of<Q4_0>(),
];
foreach (CompressedFormat format in formats)
{
    double Error(ValueSource source) => CapacityProbe.Measure(format, new ProbeOptions { Samples = 1 << 20, Source = source }).Gmse;

    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{format, -9}   {format.Info.BitsPerWeight:F2} bits   Gaussian {Error(ValueSource.Gaussian):.0000}   "
                + $"Laplace {Error(ValueSource.Laplace):.0000}"
        )
    );
}

namespace Mine
{
    /// <summary>The eight Lloyd–Max levels of a Gaussian; the scale of each 32 weights is searched for the least error.</summary>
    [CompressedFormat("code3-g32")]
    [Codebook(-2.15f, -1.34f, -0.76f, -0.25f, 0.25f, 0.76f, 1.34f, 2.15f)]
    [Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
    public readonly partial struct Code3;
}
