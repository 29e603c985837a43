using KernelGen.Formats;
using KernelGen.Models;
using KernelGen.Tests;

namespace KernelGen.Training.Tests;

public class CheckpointTests
{
    /// <summary>The other forward pass, that of KernelGen.Models, over the file.</summary>
    [Theory]
    [InlineData("dense", true, "standard")]
    [InlineData("int3", false, "standard")]
    [InlineData("dense", true, "mup")]
    [InlineData("int3", false, "mup")]
    public void ModelsReadCheckpointsAndFindTheSameLoss(string weights, bool tied, string parameterisation)
    {
        using var folder = new ScratchFolder();
        TrainingSpec spec = ModelGradientTests.Small with { Weights = weights, TiedEmbeddings = tied, Parameterisation = parameterisation };
        var session = new TrainingSession(spec, DeclaredFormats.Catalog, 1);
        for (int step = 0; step < 5; step++)
        {
            session.Step();
        }
        double[] expected = session.Evaluate();
        Checkpoint.Write(folder["model.safetensors"], spec, session, CancellationToken.None);
        using ModelFile file = ModelFile.Open(folder["model.safetensors"], DeclaredFormats.Catalog);
        LlamaModel model = LlamaModel.Load(file, DeclaredFormats.Catalog);
        var tokens = new int[spec.Context + 1];
        for (int index = 0; index < 4; index++)
        {
            session.Data.HeldOut(index, tokens);
            double loss = new LlamaEvaluation(model, spec.Context).Score(tokens).Loss.Mean;
            Assert.Equal(expected[index] + session.Data.TrueCost(index) / spec.Context, loss, 1e-5);
        }
        Assert.Equal(["model.safetensors"], folder.Files);
    }
}
