using KernelGen.Models;

namespace KernelGen.Cli.Commands;

/// <summary>Measures what formats do to tensors, one tensor in memory at a time, with progress.</summary>
internal sealed class TensorMeasuring(CommandEnvironment environment)
{
    public List<FormatErrors> Measure(
        IReadOnlyList<ModelTensor> tensors,
        IReadOnlyList<CompressedFormat> formats,
        ImportanceFile? importance,
        long samples,
        int threads,
        string title
    )
    {
        List<FormatErrors> measured = [];
        environment.Progress.Run(title, (long)tensors.Count * formats.Count, report =>
        {
            long done = 0;
            foreach (ModelTensor tensor in tensors)
            {
                var sample = TensorSample.Read(tensor, samples);
                foreach (CompressedFormat format in formats)
                {
                    report(done++, $"{tensor.Name} {format}");
                    if (FormatErrors.Measure(sample, format, importance, threads, environment.Cancellation) is { } errors)
                    {
                        measured.Add(errors);
                    }
                }
            }
        });
        return measured;
    }
}
