using Formats;
using KernelGen;
using KernelGen.Scaling;

// Error and capacity on a million Gaussian values; `kernelgen compare` prints the same columns.
CompressedFormat[] formats = [CompressedFormat.Of<MyInt4>(), CompressedFormat.Of<MyCode3>()];
Console.WriteLine($"{"format", -12}{"bits", 8}{"rel. MSE", 12}{"capacity", 10}");
foreach (CompressedFormat format in formats)
{
    CapacityResult result = CapacityProbe.Measure(format, new ProbeOptions { Samples = 1_000_000 });
    Console.WriteLine(FormattableString.Invariant($"{result.Name, -12}{result.Bits, 8:F4}{result.Gmse, 12:F6}{result.Capacity, 10:F4}"));
}
