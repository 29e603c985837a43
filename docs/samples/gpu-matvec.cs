#:project ../../src/KernelGen.Gpu/KernelGen.Gpu.csproj
#:package ILGPU
#:property AssemblyName=GpuSample

// A matvec on a GPU device, compared with the CPU. cpu:0 is ILGPU's CPU accelerator, which every machine has; cuda:0 is the first NVIDIA
// device.
//
//     dotnet run docs/samples/gpu-matvec.cs cpu:0
//
// prints
//
//     CPUAccelerator: y[0] = 0.0227, on the CPU 0.0227

using KernelGen;
using KernelGen.Gpu;

float[] weights = [.. Enumerable.Range(0, 64 * 256).Select(i => MathF.Sin(i * 0.7f))],
    x = new float[256],
    y = new float[64],
    expected = new float[64];
Array.Fill(x, 0.01f);
CompressedMatrix<Mine.Int4> packed = CompressedMatrix<Mine.Int4>.Pack(weights, rows: 64, columns: 256);

using GpuDevice device = GpuDevices.Open(args.FirstOrDefault("cpu:0"), GpuSample.DeclaredGpuKernels.Catalog);
using var matrix = new GpuMatrix<Mine.Int4>(device, packed);
matrix.MatVec(x, y);
packed.MatVec(x, expected);
Console.WriteLine($"{device.Name}: y[0] = {y[0]:F4}, on the CPU {expected[0]:F4}");

namespace Mine
{
    /// <summary>Integers −7 … 7 under a binary16 scale per 32 weights.</summary>
    [CompressedFormat("int4-mine")]
    [IntElement(4)]
    [Scale(ScaleType.Float16, group: 32)]
    public readonly partial struct Int4;
}
